#include "CICU.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>
#include <unicode/uidna.h>
#include <unicode/utypes.h>

_Static_assert(CICU_OK == U_ZERO_ERROR, "ICU numbers this otherwise");
_Static_assert(CICU_BUFFER_OVERFLOW == U_BUFFER_OVERFLOW_ERROR, "ICU numbers this otherwise");
_Static_assert(CICU_IDNA_CHECK_BIDI == UIDNA_CHECK_BIDI, "ICU numbers this otherwise");
_Static_assert(CICU_IDNA_CHECK_CONTEXTJ == UIDNA_CHECK_CONTEXTJ, "ICU numbers this otherwise");
_Static_assert(CICU_IDNA_NONTRANSITIONAL_TO_ASCII == UIDNA_NONTRANSITIONAL_TO_ASCII, "ICU numbers this otherwise");
_Static_assert(CICU_IDNA_NONTRANSITIONAL_TO_UNICODE == UIDNA_NONTRANSITIONAL_TO_UNICODE, "ICU numbers this otherwise");
_Static_assert(CICU_IDNA_ERROR_EMPTY_LABEL == UIDNA_ERROR_EMPTY_LABEL, "ICU numbers this otherwise");
_Static_assert(CICU_IDNA_ERROR_HYPHEN_3_4 == UIDNA_ERROR_HYPHEN_3_4, "ICU numbers this otherwise");
_Static_assert(CICU_IDNA_ERROR_CONTEXTJ == UIDNA_ERROR_CONTEXTJ, "ICU numbers this otherwise");
_Static_assert(sizeof(UErrorCode) == sizeof(int32_t), "a UErrorCode is not an int32_t");

bool cicu_failed(int32_t code) { return U_FAILURE(code); }

const char *cicu_errorName(int32_t code) { return u_errorName((UErrorCode)code); }

cicu_idna *cicu_idna_open(uint32_t options, int32_t *code) {
  return (cicu_idna *)uidna_openUTS46(options, (UErrorCode *)code);
}

void cicu_idna_close(cicu_idna *idna) { uidna_close((UIDNA *)idna); }

int32_t cicu_idna_nameToASCII_UTF8(const cicu_idna *idna, const char *name, int32_t length, char *destination,
                                   int32_t capacity, uint32_t *errors, int32_t *code) {
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  int32_t written =
      uidna_nameToASCII_UTF8((const UIDNA *)idna, name, length, destination, capacity, &info, (UErrorCode *)code);
  *errors = info.errors;
  return written;
}

cicu_converter *cicu_converter_open(const char *name, int32_t *code) {
  return (cicu_converter *)ucnv_open(name, (UErrorCode *)code);
}

void cicu_converter_close(cicu_converter *converter) { ucnv_close((UConverter *)converter); }

void cicu_converter_reset(cicu_converter *converter) { ucnv_reset((UConverter *)converter); }

const char *cicu_converter_name(const cicu_converter *converter, int32_t *code) {
  return ucnv_getName((const UConverter *)converter, (UErrorCode *)code);
}

void cicu_converter_substituteInvalid(cicu_converter *converter, int32_t *code) {
  ucnv_setToUCallBack((UConverter *)converter, UCNV_TO_U_CALLBACK_SUBSTITUTE, NULL, NULL, NULL, (UErrorCode *)code);
}

void cicu_converter_stopAtInvalid(cicu_converter *converter, int32_t *code) {
  ucnv_setToUCallBack((UConverter *)converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, (UErrorCode *)code);
}

int32_t cicu_converter_toUChars(cicu_converter *converter, uint16_t *destination, int32_t capacity, const char *source,
                                int32_t length, int32_t *code) {
  return ucnv_toUChars((UConverter *)converter, (UChar *)destination, capacity, source, length, (UErrorCode *)code);
}

void cicu_converter_toUnicode(cicu_converter *converter, uint16_t **target, const uint16_t *targetLimit,
                              const char **source, const char *sourceLimit, bool flush, int32_t *code) {
  ucnv_toUnicode((UConverter *)converter, (UChar **)target, (const UChar *)targetLimit, source, sourceLimit, NULL,
                 (UBool)flush, (UErrorCode *)code);
}

void cicu_converter_convert(cicu_converter *targetConverter, cicu_converter *sourceConverter, char **target,
                            const char *targetLimit, const char **source, const char *sourceLimit,
                            uint16_t *pivotStart, uint16_t **pivotSource, uint16_t **pivotTarget,
                            const uint16_t *pivotLimit, bool reset, bool flush, int32_t *code) {
  ucnv_convertEx((UConverter *)targetConverter, (UConverter *)sourceConverter, target, targetLimit, source, sourceLimit,
                 (UChar *)pivotStart, (UChar **)pivotSource, (UChar **)pivotTarget, (const UChar *)pivotLimit,
                 (UBool)reset, (UBool)flush, (UErrorCode *)code);
}
