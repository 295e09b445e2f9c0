// Inlining that a measurement has asked for.
#pragma once

#if defined(_MSC_VER)
#define NETDESIGN_INLINE __forceinline
#else
#define NETDESIGN_INLINE inline __attribute__((always_inline))
#endif
