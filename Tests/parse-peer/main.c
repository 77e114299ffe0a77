// parsepeer: the HTML parsers of libxml2 and gumbo over the pages that the crawler's own reader is measured with.
//
//   parsepeer libxml2|gumbo LIST ROOT
//
// LIST names files, one per line, relative to ROOT. All are in memory, and have been parsed once, before the clock starts.
// libxml2 calls back for every event of its SAX interface and builds no tree; gumbo builds its tree, which is then walked.
// Both find the attributes named href (of a page the first 10,000 count, as the crawler keeps no more), and nothing is done
// with these: no charset is decided beyond what the parser does by itself, no URL is joined. Prints "PAGES BYTES HREFS
// NANOSECONDS ALLOCATIONS" (CPU of the process).

#define _GNU_SOURCE
#include <errno.h>
#include <gumbo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CAllocationCount.h"
#include "hrefs.h"

struct page {
  char *bytes;
  size_t count;
};

static struct page *pages;
static size_t page_count, byte_count, hrefs, page_hrefs;

void count_href(void) {
  if (page_hrefs++ < 10000) hrefs++;
}

static void stop_with(const char *what) {
  fprintf(stderr, "parsepeer: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
  exit(1);
}

static struct page read_page(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file || fseek(file, 0, SEEK_END) != 0) stop_with(path);
  struct page page = {NULL, (size_t)ftell(file)};
  rewind(file);
  page.bytes = malloc(page.count + 1);
  if (!page.bytes || fread(page.bytes, 1, page.count, file) != page.count) stop_with(path);
  fclose(file);
  return page;
}

static void read_pages(const char *list, const char *root) {
  FILE *file = fopen(list, "r");
  if (!file) stop_with(list);
  char *line = NULL, *path = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, file) > 0) {
    line[strcspn(line, "\n")] = 0;
    if (asprintf(&path, "%s/%s", root, line) < 0) stop_with(line);
    pages = realloc(pages, (page_count + 1) * sizeof *pages);
    if (!pages) stop_with(line);
    pages[page_count] = read_page(path);
    byte_count += pages[page_count++].count;
    free(path);
  }
  free(line);
  fclose(file);
}

// libxml2

static void parse_with_libxml2(const struct page *page) {
  htmlParserCtxtPtr context = htmlCreateMemoryParserCtxt(page->bytes, (int)page->count);
  if (!context) return;  // an empty file
  *context->sax = href_handler;
  htmlCtxtUseOptions(context, href_options);
  htmlParseDocument(context);
  htmlFreeParserCtxt(context);
}

// gumbo

static void walk(const GumboNode *root) {
  const GumboNode *node = root;
  while (node) {
    const GumboVector *children = NULL;
    if (node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE) {
      if (gumbo_get_attribute(&node->v.element.attributes, "href")) count_href();
      children = &node->v.element.children;
    }
    if (children && children->length > 0) {
      node = children->data[0];
      continue;
    }
    while (node != root && node->index_within_parent + 1 == node->parent->v.element.children.length) node = node->parent;
    node = node == root ? NULL : node->parent->v.element.children.data[node->index_within_parent + 1];
  }
}

static void parse_with_gumbo(const struct page *page) {
  GumboOutput *output = gumbo_parse_with_options(&kGumboDefaultOptions, page->bytes, page->count);
  if (!output) return;
  walk(output->root);
  gumbo_destroy_output(&kGumboDefaultOptions, output);
}

static void parse_all(void (*parse)(const struct page *)) {
  for (size_t index = 0; index < page_count; index++) {
    page_hrefs = 0;
    parse(&pages[index]);
  }
}

static long long processor_time(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int count, char **arguments) {
  void (*parse)(const struct page *) = NULL;
  if (count == 4 && strcmp(arguments[1], "libxml2") == 0) parse = parse_with_libxml2;
  if (count == 4 && strcmp(arguments[1], "gumbo") == 0) parse = parse_with_gumbo;
  if (!parse) {
    fputs("usage: parsepeer libxml2|gumbo LIST ROOT\n", stderr);
    return 2;
  }
  read_pages(arguments[2], arguments[3]);
  long long allocations = allocation_count();
  parse_all(parse);
  allocations = allocation_count() - allocations;
  size_t found = hrefs;
  long long start = processor_time();
  parse_all(parse);
  long long end = processor_time();
  printf("%zu %zu %zu %lld %lld\n", page_count, byte_count, found, end - start, allocations);
}
