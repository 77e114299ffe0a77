#include "CICU.h"

#include <unicode/uidna.h>
#include <unicode/utypes.h>

_Static_assert(CICU_OK == U_ZERO_ERROR, "ICU numbers this otherwise");
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

int32_t cicu_idna_labelToUnicodeUTF8(const cicu_idna *idna, const char *label, int32_t length, char *destination,
                                     int32_t capacity, uint32_t *errors, int32_t *code) {
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  int32_t written =
      uidna_labelToUnicodeUTF8((const UIDNA *)idna, label, length, destination, capacity, &info, (UErrorCode *)code);
  *errors = info.errors;
  return written;
}
