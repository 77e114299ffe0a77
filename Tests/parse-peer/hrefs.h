// How libxml2 finds the attributes named href: by the events of its SAX interface, without a tree. For one file of a program.

#ifndef HREFS_H
#define HREFS_H

#include <libxml/HTMLparser.h>
#include <string.h>

// Of the program: called for every attribute named href.
void count_href(void);

static void start_element(void *context, const xmlChar *name, const xmlChar **attributes) {
  (void)context, (void)name;
  for (; attributes && attributes[0]; attributes += 2) {
    if (strcmp((const char *)attributes[0], "href") == 0) count_href();
  }
}
static void end_element(void *context, const xmlChar *name) { (void)context, (void)name; }
static void characters(void *context, const xmlChar *text, int count) { (void)context, (void)text, (void)count; }
static void nothing(void *context, const xmlChar *text) { (void)context, (void)text; }

static htmlSAXHandler href_handler = {
    .startElement = start_element,
    .endElement = end_element,
    .characters = characters,
    .ignorableWhitespace = characters,
    .cdataBlock = characters,
    .comment = nothing,
};

static const int href_options = HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET;

#endif
