// A library to be preloaded (LD_PRELOAD): it has nothing to call.
