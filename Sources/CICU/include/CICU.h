// The door to ICU. ICU appends its version to every function by a macro, which Swift cannot see through: each function
// that a room calls stands here as an inline function with the plain name after `cicu_`. Nothing else happens here.
#ifndef CRAWLD_CICU_H
#define CRAWLD_CICU_H

#include <stdbool.h>
#include <stdint.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>
#include <unicode/uidna.h>
#include <unicode/unorm2.h>
#include <unicode/utypes.h>

static inline bool cicu_failed(UErrorCode code) { return U_FAILURE(code); }
static inline const char *cicu_errorName(UErrorCode code) { return u_errorName(code); }

// MARK: - uidna (UTS #46)

static inline UIDNA *cicu_idna_open(uint32_t options, UErrorCode *code) { return uidna_openUTS46(options, code); }

static inline void cicu_idna_close(UIDNA *idna) { uidna_close(idna); }

/// Returns the length of the whole result, also when `destination` is too small; the UIDNA_ERROR_ bits go to `errors`.
static inline int32_t cicu_idna_nameToASCII_UTF8(const UIDNA *idna, const char *name, int32_t length, char *destination,
                                                 int32_t capacity, uint32_t *errors, UErrorCode *code) {
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  int32_t written = uidna_nameToASCII_UTF8(idna, name, length, destination, capacity, &info, code);
  *errors = info.errors;
  return written;
}

static inline int32_t cicu_idna_nameToUnicode_UTF8(const UIDNA *idna, const char *name, int32_t length,
                                                   char *destination, int32_t capacity, uint32_t *errors,
                                                   UErrorCode *code) {
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  int32_t written = uidna_nameToUnicodeUTF8(idna, name, length, destination, capacity, &info, code);
  *errors = info.errors;
  return written;
}

// MARK: - ucnv (character set conversion)

static inline UConverter *cicu_converter_open(const char *name, UErrorCode *code) { return ucnv_open(name, code); }
static inline void cicu_converter_close(UConverter *converter) { ucnv_close(converter); }
static inline void cicu_converter_reset(UConverter *converter) { ucnv_reset(converter); }
static inline const char *cicu_converter_name(const UConverter *converter, UErrorCode *code) {
  return ucnv_getName(converter, code);
}

/// What cannot be decoded becomes U+FFFD (ICU's default).
static inline void cicu_converter_substituteInvalid(UConverter *converter, UErrorCode *code) {
  ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_SUBSTITUTE, NULL, NULL, NULL, code);
}

/// What cannot be decoded ends the conversion with an error.
static inline void cicu_converter_stopAtInvalid(UConverter *converter, UErrorCode *code) {
  ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, code);
}

/// Converts a whole text to UTF-16; returns its length, also when `destination` is too small.
static inline int32_t cicu_converter_toUChars(UConverter *converter, UChar *destination, int32_t capacity,
                                              const char *source, int32_t length, UErrorCode *code) {
  return ucnv_toUChars(converter, destination, capacity, source, length, code);
}

/// One step of a streaming conversion to UTF-16: moves `*source` and `*target`; U_BUFFER_OVERFLOW_ERROR asks for more
/// room and the same call again.
static inline void cicu_converter_toUnicode(UConverter *converter, UChar **target, const UChar *targetLimit,
                                            const char **source, const char *sourceLimit, bool flush,
                                            UErrorCode *code) {
  ucnv_toUnicode(converter, target, targetLimit, source, sourceLimit, NULL, (UBool)flush, code);
}

/// One step of a streaming conversion between two converters through `pivot`, whose positions the caller keeps between
/// the steps; `reset` starts a new text.
static inline void cicu_converter_convert(UConverter *targetConverter, UConverter *sourceConverter, char **target,
                                          const char *targetLimit, const char **source, const char *sourceLimit,
                                          UChar *pivotStart, UChar **pivotSource, UChar **pivotTarget,
                                          const UChar *pivotLimit, bool reset, bool flush, UErrorCode *code) {
  ucnv_convertEx(targetConverter, sourceConverter, target, targetLimit, source, sourceLimit, pivotStart, pivotSource,
                 pivotTarget, pivotLimit, (UBool)reset, (UBool)flush, code);
}

// MARK: - characters and normalisation

static inline int8_t cicu_charType(UChar32 character) { return u_charType(character); }
static inline bool cicu_isWhiteSpace(UChar32 character) { return u_isUWhiteSpace(character); }
static inline UChar32 cicu_toLower(UChar32 character) { return u_tolower(character); }

static inline const UNormalizer2 *cicu_nfc(UErrorCode *code) { return unorm2_getNFCInstance(code); }
static inline int32_t cicu_normalize(const UNormalizer2 *normalizer, const UChar *source, int32_t length,
                                     UChar *destination, int32_t capacity, UErrorCode *code) {
  return unorm2_normalize(normalizer, source, length, destination, capacity, code);
}

#endif
