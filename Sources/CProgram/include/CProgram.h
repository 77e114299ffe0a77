// What the programs are linked with beside their rooms: in C, since it stands for a function of the C library.
__attribute__((visibility("hidden"))) char *mktemp(char *template);
