/* Known answers for the digests and one signature, asked once per boot before anything is
 * trusted: a wrong engine must stop the boot, not let bytes through. */
#ifndef LIFEBOAT_CRYPTO_SELF_TEST_H
#define LIFEBOAT_CRYPTO_SELF_TEST_H

#include "boot/base/status.h"

/** crypto_self_test() - LB_OK, or LB_ERR_DIGEST when an engine gives a wrong answer. */
enum lb_status crypto_self_test(void);

#endif
