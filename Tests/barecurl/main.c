// barecurl: libcurl alone over a list of URLs, the bound that the crawler's cost per page is compared with.
//
//   barecurl --list FILE [--hosts-file FILE] [--in-flight N] [--per-host N] [--new-hosts 1] [--parse libxml2]
//
// One curl multi handle on epoll (curl_multi_socket_action), pooled easy handles, kept-alive connections, bodies thrown
// away. It parses nothing, stores nothing and obeys no politeness: what it costs is what fetching costs. Prints one JSON
// object: urls, answered, failed, bytes, hrefs, seconds, cpu_ms (user + system), rss_kib (peak), connections.
// --new-hosts 1: the list has one URL per host. Its robots.txt is fetched before it, over the same connection, which is then
// closed (CURLOPT_FORBID_REUSE: libcurl's cheapest way to meet many hosts); both count as URLs.
// --parse libxml2: bodies that are HTML go to libxml2's push parser as they come, which finds the attributes named href;
// nothing is done with these. Only in a program compiled with PARSE_LIBXML2 (scripts/bench crawl does it).
// It does not check what it is told: for benchmarks on the machine's own loopback only.

#define _GNU_SOURCE
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#ifdef PARSE_LIBXML2
#include "../parse-peer/hrefs.h"
#endif

struct host {
  char *name;
  struct curl_slist *connect_to;  // "::ADDRESS:", so that the name is never looked up and no cache grows
};

static struct host *hosts;
static size_t host_count;
static char **urls;
static size_t url_count, next_url, answered, failed, connections;
static unsigned long long bytes;
static int epoll_descriptor;
static long timeout_milliseconds = -1;
static CURLM *multi;
static int new_hosts, parses;
static size_t hrefs;

static void stop_with(const char *what) {
  fprintf(stderr, "barecurl: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
  exit(1);
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const struct host *)a)->name, ((const struct host *)b)->name);
}

static void read_hosts(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) stop_with(path);
  char *line = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, file) > 0) {
    line[strcspn(line, "#\n")] = 0;
    char *rest = line, *address = strtok_r(rest, " \t", &rest), *name;
    while (address && (name = strtok_r(rest, " \t", &rest))) {
      char pin[128];
      snprintf(pin, sizeof pin, strchr(address, ':') ? "::[%s]:" : "::%s:", address);
      hosts = realloc(hosts, (host_count + 1) * sizeof *hosts);
      hosts[host_count].name = strdup(name);
      hosts[host_count++].connect_to = curl_slist_append(NULL, pin);
    }
  }
  free(line);
  fclose(file);
  qsort(hosts, host_count, sizeof *hosts, by_name);
}

static void read_urls(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) stop_with(path);
  char *line = NULL;
  size_t capacity = 0, room = 0;
  ssize_t length;
  while ((length = getline(&line, &capacity, file)) > 0) {
    line[strcspn(line, "\r\n")] = 0;
    if (!*line) continue;
    if (url_count == room) urls = realloc(urls, (room = room ? room * 2 : 1024) * sizeof *urls);
    urls[url_count++] = strdup(line);
  }
  free(line);
  fclose(file);
}

static struct curl_slist *pin_for(const char *url) {
  const char *start = strstr(url, "://");
  if (!start) return NULL;
  start += 3;
  size_t length = strcspn(start, ":/?#");
  char name[256];
  if (length >= sizeof name) return NULL;
  memcpy(name, start, length);
  name[length] = 0;
  struct host key = {name, NULL};
  struct host *found = bsearch(&key, hosts, host_count, sizeof *hosts, by_name);
  return found ? found->connect_to : NULL;
}

static size_t discard(char *data, size_t size, size_t count, void *context) {
  (void)data, (void)context;
  return size * count;
}

#ifdef PARSE_LIBXML2

void count_href(void) { hrefs++; }

// An easy handle's private pointer is the parser of its body, once that has begun.
static htmlParserCtxtPtr parser_of(CURL *easy) {
  htmlParserCtxtPtr parser = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &parser);
  return parser;
}

static size_t parse(char *data, size_t size, size_t count, void *easy) {
  htmlParserCtxtPtr parser = parser_of(easy);
  if (parser) {
    htmlParseChunk(parser, data, (int)(size * count), 0);
    return size * count;
  }
  char *type = NULL;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
  if (!type || strncasecmp(type, "text/html", 9) != 0) return size * count;
  parser = htmlCreatePushParserCtxt(&href_handler, NULL, data, (int)(size * count), NULL, XML_CHAR_ENCODING_NONE);
  if (!parser) stop_with("libxml2 gives no parser");
  htmlCtxtUseOptions(parser, href_options);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, parser);
  return size * count;
}

static void end_parsing(CURL *easy) {
  htmlParserCtxtPtr parser = parser_of(easy);
  if (!parser) return;
  htmlParseChunk(parser, NULL, 0, 1);
  htmlFreeParserCtxt(parser);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, NULL);
}

#endif

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *known) {
  (void)easy, (void)context;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(epoll_descriptor, EPOLL_CTL_DEL, socket, NULL);
    curl_multi_assign(multi, socket, NULL);
    return 0;
  }
  struct epoll_event event = {0, {.fd = socket}};
  if (what & CURL_POLL_IN) event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
  if (epoll_ctl(epoll_descriptor, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event) < 0 && errno == ENOENT)
    epoll_ctl(epoll_descriptor, EPOLL_CTL_ADD, socket, &event);
  if (!known) curl_multi_assign(multi, socket, &multi);
  return 0;
}

static int on_timer(CURLM *handle, long milliseconds, void *context) {
  (void)handle, (void)context;
  timeout_milliseconds = milliseconds;
  return 0;
}

// With new_hosts, the page that a robots.txt was fetched for; NULL: a URL of the list is next.
static const char *pending_page(CURL *easy) {
  char *page = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &page);
  return page;
}

static int start_robots(CURL *easy, const char *page) {
  char robots[512];
  const char *authority = strstr(page, "://");
  if (!authority) return 0;
  snprintf(robots, sizeof robots, "%.*s/robots.txt", (int)(authority + 3 - page + strcspn(authority + 3, "/?#")), page);
  curl_easy_setopt(easy, CURLOPT_URL, robots);
  curl_easy_setopt(easy, CURLOPT_CONNECT_TO, pin_for(page));
  curl_easy_setopt(easy, CURLOPT_PRIVATE, page);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 0L);
  return curl_multi_add_handle(multi, easy) == CURLM_OK;
}

static int start_next(CURL *easy) {
  const char *url = new_hosts ? pending_page(easy) : NULL;
  if (url) {
    curl_easy_setopt(easy, CURLOPT_PRIVATE, NULL);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  } else {
    if (next_url == url_count) return 0;
    url = urls[next_url++];
    if (new_hosts) return start_robots(easy, url);
  }
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_CONNECT_TO, pin_for(url));
  return curl_multi_add_handle(multi, easy) == CURLM_OK;
}

static size_t drain(void) {  // finished transfers make room for the next; returns how many ended for good
  size_t ended = 0;
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(multi, &left))) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL *easy = message->easy_handle;
    if (message->data.result == CURLE_OK) answered++; else failed++;
    curl_off_t body = 0;
    long opened = 0;
    curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &opened);
    bytes += (unsigned long long)body;
    connections += (size_t)opened;
#ifdef PARSE_LIBXML2
    if (parses) end_parsing(easy);
#endif
    curl_multi_remove_handle(multi, easy);
    if (!start_next(easy)) {
      curl_easy_cleanup(easy);
      ended++;
    }
  }
  return ended;
}

int main(int count, char **arguments) {
  const char *list = NULL, *hosts_file = NULL;
  long in_flight = 64, per_host = 8;
  for (int i = 1; i + 1 < count; i += 2) {
    if (!strcmp(arguments[i], "--list")) list = arguments[i + 1];
    else if (!strcmp(arguments[i], "--hosts-file")) hosts_file = arguments[i + 1];
    else if (!strcmp(arguments[i], "--in-flight")) in_flight = atol(arguments[i + 1]);
    else if (!strcmp(arguments[i], "--per-host")) per_host = atol(arguments[i + 1]);
    else if (!strcmp(arguments[i], "--new-hosts")) new_hosts = atoi(arguments[i + 1]);
#ifdef PARSE_LIBXML2
    else if (!strcmp(arguments[i], "--parse") && !strcmp(arguments[i + 1], "libxml2")) parses = 1;
#endif
    else list = NULL, i = count;
  }
  if (!list || in_flight < 1 || per_host < 1 || (parses && new_hosts)) {
    fputs("usage: barecurl --list FILE [--hosts-file FILE] [--in-flight N] [--per-host N] [--new-hosts 1]"
          " [--parse libxml2]\n", stderr);
    return 2;
  }
  errno = 0;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  if (hosts_file) read_hosts(hosts_file);
  read_urls(list);

  epoll_descriptor = epoll_create1(EPOLL_CLOEXEC);
  multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, per_host);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, in_flight * 2);

  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  size_t running = 0;
  for (long i = 0; i < in_flight; i++) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
#ifdef PARSE_LIBXML2
    if (parses) {
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, parse);
      curl_easy_setopt(easy, CURLOPT_WRITEDATA, easy);
    }
#endif
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, br, zstd");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "barecurl/1");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 60L);
    if (start_next(easy)) running++;
    else curl_easy_cleanup(easy);
  }

  int still = 0;
  struct epoll_event events[256];
  while (running) {
    int wait = timeout_milliseconds < 0 || timeout_milliseconds > 1000 ? 1000 : (int)timeout_milliseconds;
    int ready = epoll_wait(epoll_descriptor, events, 256, wait);
    if (ready <= 0) {
      timeout_milliseconds = -1;
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &still);
    }
    for (int i = 0; i < ready; i++) {
      int what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                 (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
      curl_multi_socket_action(multi, events[i].data.fd, what, &still);
    }
    if (ready > 0 && timeout_milliseconds == 0) {
      timeout_milliseconds = -1;
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &still);
    }
    running -= drain();
  }

  clock_gettime(CLOCK_MONOTONIC, &end);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
  double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
  printf("{\"urls\":%zu,\"answered\":%zu,\"failed\":%zu,\"bytes\":%llu,\"hrefs\":%zu,\"seconds\":%.3f,"
         "\"cpu_ms\":%.1f,\"rss_kib\":%ld,\"connections\":%zu}\n",
         url_count * (new_hosts ? 2 : 1), answered, failed, bytes, hrefs, seconds, cpu, usage.ru_maxrss, connections);
  return 0;
}
