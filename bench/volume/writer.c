/* The physical limit: reads prepared triples, a line each (subject, predicate, object, apart by tabs; no subject where it
 * is that of the line before), and writes the Turtle that kg writes, byte by byte. All that kg computes is there already. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **arguments) {
    if (count != 3) return 2;
    FILE *in = fopen(arguments[1], "rb"), *out = fopen(arguments[2], "wb");
    if (!in || !out) return 1;
    setvbuf(in, NULL, _IOFBF, 1 << 20);
    setvbuf(out, NULL, _IOFBF, 1 << 20);
    char *line = NULL;
    size_t size = 0;
    int begun = 0;
    for (ssize_t length; (length = getline(&line, &size, in)) > 0;) {
        line[length - 1] = 0;
        char *second = strchr(line, '\t'), *third = second ? strchr(second + 1, '\t') : NULL;
        if (!third) return 3;
        *second++ = 0, *third++ = 0;
        if (*line) {
            if (begun) fputs(" .\n", out);
            begun = 1;
            fputs(line, out), fputc(' ', out);
        } else {
            fputs(" ;\n    ", out);
        }
        fputs(second, out), fputc(' ', out), fputs(third, out);
    }
    if (begun) fputs(" .\n", out);
    return fclose(out) || fclose(in);
}
