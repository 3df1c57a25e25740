// Mustache templates behind a C interface: kainjow-mustache is C++ and throws, which must not cross into Swift.
// Text is passed with its length in bytes and copied; it may hold NUL.
#ifndef CMUSTACHE_H
#define CMUSTACHE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Values for a template, built from the outside in. One thread at a time.
typedef struct cmustache_values cmustache_values;

/// An empty object, or NULL if memory is out.
cmustache_values *cmustache_values_new(void);
void cmustache_values_free(cmustache_values *values);

/// These put a member into the innermost open object. False if memory is out or a list is open.
bool cmustache_put_text(
    cmustache_values *values, const char *name, size_t name_length, const char *text, size_t text_length);
bool cmustache_put_flag(cmustache_values *values, const char *name, size_t name_length, bool flag);

/// These open a member that `cmustache_close` ends; the name counts only inside an object.
bool cmustache_open_object(cmustache_values *values, const char *name, size_t name_length);
bool cmustache_open_list(cmustache_values *values, const char *name, size_t name_length);
bool cmustache_close(cmustache_values *values);

typedef enum {
    CMUSTACHE_RENDERED,
    /// The text is why the template cannot be read.
    CMUSTACHE_MALFORMED,
    /// The text is the names that the template uses and the values lack, separated by ", ".
    CMUSTACHE_MISSING,
    /// There is no text: memory is out.
    CMUSTACHE_FAILED,
} cmustache_status;

typedef struct {
    cmustache_status status;
    /// Not ended by NUL; release it with `cmustache_text_free`. NULL with a length of 0.
    char *text;
    size_t length;
} cmustache_result;

/// A template that was read. One thread at a time.
typedef struct cmustache_template cmustache_template;

/// Reads a template; `escape` makes `&`, `<`, `>`, `"` and `'` of each value into entities. Rendered with no text, and
/// then `*made` is to be released with `cmustache_template_free`; malformed or failed, and `*made` is NULL.
cmustache_result cmustache_template_new(
    const char *source, size_t source_length, bool escape, cmustache_template **made);
void cmustache_template_free(cmustache_template *made);

cmustache_result cmustache_render(cmustache_template *made, const cmustache_values *values);

void cmustache_text_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
