/* MD5 and SHA-1 by libcrypto's low-level functions. They are deprecated, but they alone never
 * allocate: under libcrypto 3.0 EVP_DigestInit_ex2 and EVP_MD_CTX_copy_ex do at each use. */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>
#include <openssl/sha.h>

#endif
