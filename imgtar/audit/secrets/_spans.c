/* The compiled part of the search for secrets: which literals a text holds, and its long words and long runs.

   It decides nothing: candidates.py has the same three functions in Python, and both give the same bytes.

   Bounds: `text` is read between 0 and `size` only. A literal has 3 to 64 bytes, and one is compared at `at` where
   at + its length <= size. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <string.h>

#define SLOTS 4096
#define LITERALS 64 /* a bit for each in 64 bits */
#define SHORTEST 3
#define LONGEST 64

/* The slot of the three low bytes of `bytes`. */
static inline unsigned
slot_of(unsigned bytes)
{
    return ((bytes << 8) * 2654435761u) >> 20;
}

static inline unsigned
three_at(const unsigned char *at)
{
    return at[0] | (unsigned)at[1] << 8 | (unsigned)at[2] << 16;
}

/* The six bytes at `at`: four times three. */
static inline unsigned long long
six_at(const unsigned char *at)
{
    return three_at(at) | (unsigned long long)three_at(at + 3) << 24;
}

/* The literals of a search. In the slot of its first three bytes stands a literal, plus 1, and behind it the others. */
typedef struct {
    const char *bytes[LITERALS];
    Py_ssize_t sizes[LITERALS];
    unsigned char next[LITERALS];
    unsigned char first[SLOTS]; /* 0 where there is none */
} Literals;

static int
read_literals(PyObject *tuple, Literals *literals)
{
    Py_ssize_t count = PyTuple_GET_SIZE(tuple);
    if (count > LITERALS) {
        PyErr_SetString(PyExc_ValueError, "too many literals");
        return -1;
    }
    memset(literals->first, 0, sizeof(literals->first));
    for (Py_ssize_t number = 0; number < count; number++) {
        PyObject *literal = PyTuple_GET_ITEM(tuple, number);
        if (!PyBytes_Check(literal) || PyBytes_GET_SIZE(literal) < SHORTEST || PyBytes_GET_SIZE(literal) > LONGEST) {
            PyErr_SetString(PyExc_ValueError, "a literal has 3 to 64 bytes");
            return -1;
        }
        literals->bytes[number] = PyBytes_AS_STRING(literal);
        literals->sizes[number] = PyBytes_GET_SIZE(literal);
        unsigned char *slot = &literals->first[slot_of(three_at((const unsigned char *)literals->bytes[number]))];
        literals->next[number] = *slot;
        *slot = (unsigned char)(number + 1);
    }
    return 0;
}

/* The bits of the literals at `at`, behind which `left` bytes stand, 3 or more. */
static unsigned long long
found_at(const Literals *literals, const unsigned char *at, Py_ssize_t left)
{
    unsigned long long found = 0;
    for (unsigned link = literals->first[slot_of(three_at(at))]; link != 0; link = literals->next[link - 1]) {
        unsigned number = link - 1;
        if (literals->sizes[number] <= left && memcmp(at, literals->bytes[number], (size_t)literals->sizes[number]) == 0) {
            found |= 1ULL << number;
        }
    }
    return found;
}

PyDoc_STRVAR(present_doc, "present(text, literals, /)\n--\n\n"
                          "The numbers of those literals that the text holds, as the bits of an integer.");

static PyObject *
present(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    Py_buffer text;
    PyObject *tuple;
    if (!PyArg_ParseTuple(arguments, "y*O!:present", &text, &PyTuple_Type, &tuple)) {
        return NULL;
    }
    PyObject *result = NULL;
    Literals literals;
    if (read_literals(tuple, &literals) == 0) {
        const unsigned char *start = text.buf, *first = literals.first;
        unsigned long long found = 0;
        Py_ssize_t at = 0;
        for (; at + 6 <= text.len; at += 4) { /* four places at once, of which nearly none has a literal */
            unsigned long long six = six_at(start + at);
            if (first[slot_of((unsigned)six)] | first[slot_of((unsigned)(six >> 8))] |
                first[slot_of((unsigned)(six >> 16))] | first[slot_of((unsigned)(six >> 24))]) {
                for (Py_ssize_t place = at; place < at + 4; place++) {
                    found |= found_at(&literals, start + place, text.len - place);
                }
            }
        }
        for (; at + SHORTEST <= text.len; at++) {
            found |= found_at(&literals, start + at, text.len - at);
        }
        result = PyLong_FromUnsignedLongLong(found);
    }
    PyBuffer_Release(&text);
    return result;
}

/* Bytes that grow. `data` is NULL as long as it is empty. */
typedef struct {
    char *data;
    size_t size;
    size_t room;
} Text;

static int
append(Text *text, const unsigned char *from, size_t size)
{
    if (size > text->room - text->size) {
        size_t room = (text->size + size) * 2;
        char *data = PyMem_Realloc(text->data, room);
        if (data == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        text->data = data;
        text->room = room;
    }
    memcpy(text->data + text->size, from, size);
    text->size += size;
    return 0;
}

PyDoc_STRVAR(spans_doc, "spans(text, characters, shortest, before, /)\n--\n\n"
                        "The spans of `shortest` or more bytes for which `characters` is not 0, each with up to "
                        "`before` bytes\nbefore it that belong to no span before. A blank stands where bytes are left "
                        "out.");

static PyObject *
spans(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    Py_buffer text, characters;
    Py_ssize_t shortest, before;
    if (!PyArg_ParseTuple(arguments, "y*y*nn:spans", &text, &characters, &shortest, &before)) {
        return NULL;
    }
    PyObject *result = NULL;
    Text out = {NULL, 0, 0};
    if (characters.len != 256 || shortest < 1 || before < 0) {
        PyErr_SetString(PyExc_ValueError, "characters has 256 bytes, and a span at least one");
        goto done;
    }
    const unsigned char *start = text.buf, *in = characters.buf;
    Py_ssize_t size = text.len, begin = 0, end = 0; /* `end` of the last span; a span may begin at `begin` */
    while (shortest <= size - begin) {
        Py_ssize_t last = begin + shortest; /* the bytes before it are in the span, or none of the span's begins there */
        while (last > begin && in[start[last - 1]]) {
            last--;
        }
        if (last > begin) { /* the byte before `last` is in no span */
            begin = last;
            continue;
        }
        Py_ssize_t stop = begin + shortest;
        while (stop < size && in[start[stop]]) {
            stop++;
        }
        Py_ssize_t from = begin - end > before ? begin - before : end;
        if (from > end && append(&out, (const unsigned char *)" ", 1) < 0) {
            goto done;
        }
        if (append(&out, start + from, (size_t)(stop - from)) < 0) {
            goto done;
        }
        begin = end = stop;
    }
    result = PyBytes_FromStringAndSize(out.data, (Py_ssize_t)out.size);
done:
    PyMem_Free(out.data);
    PyBuffer_Release(&text);
    PyBuffer_Release(&characters);
    return result;
}

static PyMethodDef module_methods[] = {
    {"present", present, METH_VARARGS, present_doc},
    {"spans", spans, METH_VARARGS, spans_doc},
    {NULL},
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "imgtar.audit.secrets._spans",
    .m_doc = "The compiled part of the search for secrets.",
    .m_methods = module_methods,
};

PyMODINIT_FUNC
PyInit__spans(void)
{
    return PyModuleDef_Init(&module_definition);
}
