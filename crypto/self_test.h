/* Known answers for the digests and one signature, asked once per boot before anything is
 * trusted: a wrong engine must stop the boot, not let bytes through. */
#ifndef LIFEBOAT_CRYPTO_SELF_TEST_H
#define LIFEBOAT_CRYPTO_SELF_TEST_H

#include "base/status.h"

/**
 * crypto_self_test() - both digests by plain code and by this CPU's instructions, and one
 * RSA signature, right and wrong.
 *
 * LB_ERR_DIGEST or LB_ERR_SIGNATURE when an answer is wrong, LB_ERR_NOMEM: nothing may be
 * verified on this machine.
 */
enum lb_status crypto_self_test(void);

#endif
