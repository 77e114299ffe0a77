// The door to ICU: what the rooms call of it, under names of its own. Nothing else happens here.
//
// ICU appends its version to every function by a macro, which Swift cannot see through, and Foundation carries another
// version of the same headers, which the compiler refuses to see beside them. So no header of ICU is included here:
// the types are opaque, and a UErrorCode is an int32_t that starts as CICU_OK.
#ifndef CRAWLD_CICU_H
#define CRAWLD_CICU_H

#include <stdbool.h>
#include <stdint.h>

enum : int32_t {
  CICU_OK = 0,
};

/// Whether an error code is a failure; the negative ones are warnings.
bool cicu_failed(int32_t code);
const char *cicu_errorName(int32_t code);

// MARK: - uidna (UTS #46)

typedef struct cicu_idna cicu_idna;

enum : uint32_t {
  CICU_IDNA_CHECK_BIDI = 4,
  CICU_IDNA_CHECK_CONTEXTJ = 8,
  CICU_IDNA_NONTRANSITIONAL_TO_ASCII = 0x10,
  CICU_IDNA_NONTRANSITIONAL_TO_UNICODE = 0x20,

  CICU_IDNA_ERROR_EMPTY_LABEL = 1,
  CICU_IDNA_ERROR_LABEL_TOO_LONG = 2,
  CICU_IDNA_ERROR_DOMAIN_NAME_TOO_LONG = 4,
  CICU_IDNA_ERROR_LEADING_HYPHEN = 8,
  CICU_IDNA_ERROR_TRAILING_HYPHEN = 0x10,
  CICU_IDNA_ERROR_HYPHEN_3_4 = 0x20,
  CICU_IDNA_ERROR_LEADING_COMBINING_MARK = 0x40,
  CICU_IDNA_ERROR_DISALLOWED = 0x80,
  CICU_IDNA_ERROR_PUNYCODE = 0x100,
  CICU_IDNA_ERROR_LABEL_HAS_DOT = 0x200,
  CICU_IDNA_ERROR_INVALID_ACE_LABEL = 0x400,
  CICU_IDNA_ERROR_BIDI = 0x800,
  CICU_IDNA_ERROR_CONTEXTJ = 0x1000,
};

/// NULL on failure. The instance is immutable: all threads may use it.
cicu_idna *cicu_idna_open(uint32_t options, int32_t *code);
void cicu_idna_close(cicu_idna *idna);

/// Returns the length of the whole result, also when `destination` is too small; the error bits go to `errors`.
int32_t cicu_idna_nameToASCII_UTF8(const cicu_idna *idna, const char *name, int32_t length, char *destination,
                                   int32_t capacity, uint32_t *errors, int32_t *code);

/// Likewise for the Unicode form of one label.
int32_t cicu_idna_labelToUnicodeUTF8(const cicu_idna *idna, const char *label, int32_t length, char *destination,
                                     int32_t capacity, uint32_t *errors, int32_t *code);

#endif
