// The door to ICU: what the rooms call of it, under names of its own. Nothing else happens here.
//
// ICU appends its version to every function by a macro, which Swift cannot see through, and Foundation carries another
// version of the same headers, which the compiler refuses to see beside them. So no header of ICU is included here:
// the types are opaque, UChar is uint16_t, and a UErrorCode is an int32_t that starts as CICU_OK.
#ifndef CRAWLD_CICU_H
#define CRAWLD_CICU_H

#include <stdbool.h>
#include <stdint.h>

enum : int32_t {
  CICU_OK = 0,
  /// The result is longer than the room given to it.
  CICU_BUFFER_OVERFLOW = 15,
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

// MARK: - ucnv (character set conversion)

typedef struct cicu_converter cicu_converter;

/// NULL on failure. A converter belongs to one thread at a time.
cicu_converter *cicu_converter_open(const char *name, int32_t *code);
void cicu_converter_close(cicu_converter *converter);
void cicu_converter_reset(cicu_converter *converter);
const char *cicu_converter_name(const cicu_converter *converter, int32_t *code);

/// What cannot be decoded becomes U+FFFD (ICU's default).
void cicu_converter_substituteInvalid(cicu_converter *converter, int32_t *code);

/// What cannot be decoded ends the conversion with an error.
void cicu_converter_stopAtInvalid(cicu_converter *converter, int32_t *code);

/// Converts a whole text to UTF-16; returns its length, also when `destination` is too small.
int32_t cicu_converter_toUChars(cicu_converter *converter, uint16_t *destination, int32_t capacity, const char *source,
                                int32_t length, int32_t *code);

/// One step of a streaming conversion to UTF-16: moves `*source` and `*target`; CICU_BUFFER_OVERFLOW asks for more room
/// and the same call again.
void cicu_converter_toUnicode(cicu_converter *converter, uint16_t **target, const uint16_t *targetLimit,
                              const char **source, const char *sourceLimit, bool flush, int32_t *code);

/// One step of a streaming conversion between two converters through `pivot`, whose positions the caller keeps between
/// the steps; `reset` starts a new text.
void cicu_converter_convert(cicu_converter *targetConverter, cicu_converter *sourceConverter, char **target,
                            const char *targetLimit, const char **source, const char *sourceLimit,
                            uint16_t *pivotStart, uint16_t **pivotSource, uint16_t **pivotTarget,
                            const uint16_t *pivotLimit, bool reset, bool flush, int32_t *code);

#endif
