// storepeer: the rows of a database that the crawler's store has written, written anew by plain prepared statements: the bound
// that the store's cost per page is compared with.
//
//   storepeer DATABASE COPY GROUP
//
// The copy has the schema, the journal and the syncs of the original. Per transaction it gets GROUP visits: the URLs that they
// have found, the fate of the visited ones, their fetches, pages and links, and the task's counters. A statement writes one
// row; the rows are in memory before the clock starts. Prints "PAGES MEASURED PROCESSOR WALL WRITES SYNCS BYTES": all pages,
// those after the first group, and what these have cost (nanoseconds).

#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CDiskCount.h"

// The rows of one table, in the order of the visits, and their way into the copy.
struct table {
  const char *query;
  const char *name;
  int key;  // the column that names the visited URL
  int state, attempts;  // of urls: columns that a URL has not got before its visit; -1: none
  sqlite3_stmt *reading, *writing;
  int has_row, columns;
  sqlite3_value **values;  // of the group: row by row
  size_t count, room;
};

static sqlite3 *source, *copy;

static void stop_with(const char *what) {
  fprintf(stderr, "storepeer: %s: %s\n", what, sqlite3_errmsg(copy ? copy : source));
  exit(1);
}

static void must(int code, const char *what) {
  if (code != SQLITE_OK) stop_with(what);
}

static void execute(const char *sql) { must(sqlite3_exec(copy, sql, NULL, NULL, NULL), sql); }

static sqlite3_stmt *prepare(sqlite3 *database, const char *sql) {
  sqlite3_stmt *statement = NULL;
  must(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);
  return statement;
}

static void advance(struct table *table) {
  int code = sqlite3_step(table->reading);
  if (code != SQLITE_ROW && code != SQLITE_DONE) stop_with(table->query);
  table->has_row = code == SQLITE_ROW;
}

static void begin(struct table *table) {
  table->reading = prepare(source, table->query);
  table->columns = sqlite3_column_count(table->reading);
  table->key = table->state = table->attempts = -1;
  for (int column = 0; column < table->columns; column++) {
    const char *name = sqlite3_column_name(table->reading, column);
    const char *key = strcmp(table->name, "urls") == 0    ? "via_url_id"
                      : strcmp(table->name, "links") == 0 ? "source_url_id"
                                                          : "url_id";
    if (strcmp(name, key) == 0) table->key = column;
    if (strcmp(name, "state") == 0) table->state = column;
    if (strcmp(name, "attempts") == 0) table->attempts = column;
  }
  char sql[1024];
  int length = snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?", table->name);
  for (int column = 1; column < table->columns; column++)
    length += snprintf(sql + length, sizeof sql - (size_t)length, ", ?");
  snprintf(sql + length, sizeof sql - (size_t)length, ")");
  table->writing = prepare(copy, sql);
  advance(table);
}

// Reads the rows that belong to a visit.
static void take(struct table *table, sqlite3_int64 visited) {
  while (table->has_row && sqlite3_column_int64(table->reading, table->key) == visited) {
    if (table->count + (size_t)table->columns > table->room) {
      table->room = table->room ? table->room * 2 : 4096;
      table->values = realloc(table->values, table->room * sizeof *table->values);
      if (!table->values) stop_with("no memory");
    }
    for (int column = 0; column < table->columns; column++)
      table->values[table->count++] = sqlite3_value_dup(sqlite3_column_value(table->reading, column));
    advance(table);
  }
}

static void run(sqlite3_stmt *statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) stop_with(sqlite3_sql(statement));
  sqlite3_reset(statement);
}

// A URL that is done now was ready, and not tried, when it was found.
static void bind(struct table *table, sqlite3_value **row) {
  int is_done = table->state >= 0 && strcmp((const char *)sqlite3_value_text(row[table->state]), "done") == 0;
  for (int column = 0; column < table->columns; column++) {
    if (is_done && column == table->state) sqlite3_bind_text(table->writing, column + 1, "ready", -1, SQLITE_STATIC);
    else if (is_done && column == table->attempts) sqlite3_bind_int(table->writing, column + 1, 0);
    else sqlite3_bind_value(table->writing, column + 1, row[column]);
  }
}

static void write_rows(struct table *table) {
  for (size_t row = 0; row < table->count; row += (size_t)table->columns) {
    bind(table, table->values + row);
    run(table->writing);
  }
}

static void forget(struct table *table) {
  for (size_t value = 0; value < table->count; value++) sqlite3_value_free(table->values[value]);
  table->count = 0;
}

// The schema, and the rows that are there before the first visit.
static void prepare_copy(const char *original, const char *path) {
  must(sqlite3_open(path, &copy), path);
  execute("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
          "PRAGMA foreign_keys = OFF; PRAGMA wal_autocheckpoint = 4071; PRAGMA cache_size = -8192");
  // Tables alone that visits are written to or that these name: full-text indexes have tables of their own.
  sqlite3_stmt *schema = prepare(source,
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index') AND tbl_name IN ('tasks', 'runs', "
    "'task_counters', 'hosts', 'urls', 'fetches', 'pages', 'links') ORDER BY type DESC");
  while (sqlite3_step(schema) == SQLITE_ROW) execute((const char *)sqlite3_column_text(schema, 0));
  sqlite3_finalize(schema);
  char *attach = sqlite3_mprintf("ATTACH %Q AS original", original);
  execute(attach);
  sqlite3_free(attach);
  execute("INSERT INTO tasks SELECT * FROM original.tasks; INSERT INTO runs SELECT * FROM original.runs;"
          "INSERT INTO task_counters (task_id) SELECT task_id FROM original.task_counters;"
          "INSERT INTO hosts SELECT * FROM original.hosts;"
          "INSERT INTO urls SELECT * FROM original.urls WHERE via_url_id IS NULL;"
          "UPDATE urls SET state = 'ready', attempts = 0; DETACH original");
}

static long long now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int count, char **arguments) {
  size_t group = count == 4 ? (size_t)atol(arguments[3]) : 0;
  if (group < 1 || group > 4096) {
    fputs("usage: storepeer DATABASE COPY GROUP\n", stderr);
    return 2;
  }
  must(sqlite3_open_v2(arguments[1], &source, SQLITE_OPEN_READONLY, NULL), arguments[1]);
  prepare_copy(arguments[1], arguments[2]);
  struct table tables[] = {
      {.name = "urls", .query = "SELECT * FROM urls WHERE via_url_id IS NOT NULL ORDER BY id"},
      {.name = "fetches", .query = "SELECT * FROM fetches WHERE url_id IS NOT NULL ORDER BY id"},
      {.name = "pages", .query = "SELECT * FROM pages ORDER BY url_id"},
      {.name = "links", .query = "SELECT * FROM links ORDER BY source_url_id, target_url_id, kind"},
  };
  enum { kinds = sizeof tables / sizeof *tables };
  for (int kind = 0; kind < kinds; kind++) begin(&tables[kind]);
  sqlite3_stmt *update = prepare(copy, "UPDATE urls SET state = 'done', attempts = 1 WHERE id = ?");
  sqlite3_stmt *add = prepare(copy, "UPDATE task_counters SET known = known + ?, done = done + ?, fetches = fetches + ?");
  sqlite3_stmt *visits = prepare(source, "SELECT url_id FROM fetches WHERE url_id IS NOT NULL ORDER BY id");
  sqlite3_int64 visited[4096];
  size_t pages = 0, measured = 0;
  long long processor = 0, wall = 0, writes = 0, syncs = 0;
  for (size_t length = group; length == group;) {  // a group that is not full is the last
    for (length = 0; length < group && sqlite3_step(visits) == SQLITE_ROW; length++)
      visited[length] = sqlite3_column_int64(visits, 0);
    for (size_t visit = 0; visit < length; visit++)
      for (int kind = 0; kind < kinds; kind++) take(&tables[kind], visited[visit]);
    long long processor_before = now(CLOCK_PROCESS_CPUTIME_ID), wall_before = now(CLOCK_MONOTONIC);
    long long writes_before = disk_writes(), syncs_before = disk_syncs();
    execute("BEGIN IMMEDIATE");
    write_rows(&tables[0]);
    for (size_t visit = 0; visit < length; visit++) {
      sqlite3_bind_int64(update, 1, visited[visit]);
      run(update);
    }
    for (int kind = 1; kind < kinds; kind++) write_rows(&tables[kind]);
    sqlite3_bind_int64(add, 1, (sqlite3_int64)(tables[0].count / (size_t)tables[0].columns));
    sqlite3_bind_int64(add, 2, (sqlite3_int64)length);
    sqlite3_bind_int64(add, 3, (sqlite3_int64)length);
    run(add);
    execute("COMMIT");
    if (pages > 0) {
      processor += now(CLOCK_PROCESS_CPUTIME_ID) - processor_before, wall += now(CLOCK_MONOTONIC) - wall_before;
      writes += disk_writes() - writes_before, syncs += disk_syncs() - syncs_before;
      measured += length;
    }
    pages += length;
    for (int kind = 0; kind < kinds; kind++) forget(&tables[kind]);
  }
  for (int kind = 0; kind < kinds; kind++)
    if (tables[kind].has_row) stop_with("rows are left that belong to no visit in its order");
  sqlite3_stmt *size = prepare(copy, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
  sqlite3_step(size);
  printf("%zu %zu %lld %lld %lld %lld %lld\n", pages, measured, processor, wall, writes, syncs,
         (long long)sqlite3_column_int64(size, 0));
  return 0;
}
