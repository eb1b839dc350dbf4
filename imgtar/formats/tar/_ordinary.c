/* The compiled walker: reads ordinary headers, and places ordinary members in the tree of a layer.

   It only takes what it has proven to be ordinary: right checksum, plain octal numbers, a known dialect, a type that
   is a file, directory or link, no extended header but one that carries a path. At anything else it stops, and the
   exact walker of walk.py, or the exact placing of imgtar/layer/tree.py, goes on from there. So it decides nothing:
   what it yields is what they would have yielded.

   Bounds: `window` is read between 0 and its length only. Each header is read at `at` with at + 512 <= length, the
   body of an extended header at `body` with body + size <= length. Numbers come from at most 11 octal digits, so no
   sum of an offset and two of them leaves 64 bits. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <limits.h>
#include <stddef.h>
#include <structmember.h>
#include <string.h>

#define BLOCK 512
#define OCTAL_7 077777777 /* the largest number of eight octal digits */
#define LARGEST 077777777777LL /* the largest number of eleven */

enum kind { KIND_FILE, KIND_HARDLINK, KIND_SYMLINK, KIND_DIR, KINDS };
static const char *const KIND_NAMES[KINDS] = {"file", "hardlink", "symlink", "dir"};

typedef struct {
    PyTypeObject *member_type;
    PyObject *exact_type; /* imgtar.formats.tar.member.ExactMember */
    PyObject *digest_type; /* imgtar.formats.tar.content.ContentDigest */
    PyObject *kinds[KINDS];
    PyObject *empty; /* b"" */
} State;

typedef struct {
    PyObject_HEAD
    PyObject *name;
    PyObject *link;
    PyObject *content; /* NULL stands for None */
    long long size;
    long long mtime;
    long long offset;
    unsigned int mode;
    unsigned int uid;
    unsigned int gid;
    unsigned char kind;
} Member;

/* Members */

static State *
state_of(PyObject *self)
{
    return PyType_GetModuleState(Py_TYPE(self));
}

static void
member_dealloc(PyObject *self)
{
    Member *member = (Member *)self;
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(member->name);
    Py_XDECREF(member->link);
    Py_XDECREF(member->content);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
member_type_name(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(state_of(self)->kinds[((Member *)self)->kind]);
}

static PyObject *
member_extra(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    Py_RETURN_NONE;
}

static PyObject *
member_header_offset(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLongLong(((Member *)self)->offset - BLOCK);
}

static PyObject *
member_digest(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *content = ((Member *)self)->content;
    return PyObject_CallFunctionObjArgs(state_of(self)->digest_type, content ? content : Py_None, NULL);
}

static PyObject *
fields_of(PyObject *self)
{
    Member *member = (Member *)self;
    PyObject *content = member->content ? member->content : Py_None;
    return Py_BuildValue("OOLIIILOLO", member->name, state_of(self)->kinds[member->kind], member->size, member->mode,
                         member->uid, member->gid, member->mtime, member->link, member->offset, content);
}

static PyObject *
member_exact(PyObject *self, PyObject *Py_UNUSED(arguments))
{
    PyObject *fields = fields_of(self);
    if (fields == NULL) {
        return NULL;
    }
    PyObject *exact = PyObject_CallObject(state_of(self)->exact_type, fields);
    Py_DECREF(fields);
    return exact;
}

/* Equal to a member of either type with the same values. */
static PyObject *
member_compare(PyObject *self, PyObject *other, int operation)
{
    PyTypeObject *exact_type = (PyTypeObject *)state_of(self)->exact_type;
    int alike = Py_IS_TYPE(other, Py_TYPE(self));
    if ((operation != Py_EQ && operation != Py_NE) || (!alike && !Py_IS_TYPE(other, exact_type))) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *mine = member_exact(self, NULL);
    PyObject *theirs = alike ? member_exact(other, NULL) : Py_NewRef(other);
    PyObject *result = NULL;
    if (mine != NULL && theirs != NULL) {
        result = PyObject_RichCompare(mine, theirs, operation);
    }
    Py_XDECREF(mine);
    Py_XDECREF(theirs);
    return result;
}

static Py_hash_t
member_hash(PyObject *self)
{
    PyObject *exact = member_exact(self, NULL);
    if (exact == NULL) {
        return -1;
    }
    Py_hash_t hash = PyObject_Hash(exact);
    Py_DECREF(exact);
    return hash;
}

static PyObject *
member_repr(PyObject *self)
{
    PyObject *exact = member_exact(self, NULL);
    if (exact == NULL) {
        return NULL;
    }
    PyObject *text = PyObject_Repr(exact);
    Py_DECREF(exact);
    return text;
}

static PyObject *
member_reduce(PyObject *self, PyObject *Py_UNUSED(arguments))
{
    PyObject *fields = fields_of(self);
    if (fields == NULL) {
        return NULL;
    }
    return Py_BuildValue("ON", state_of(self)->exact_type, fields);
}

/* A copy of the member with the SHA-256 of its body. */
static PyObject *
with_content(Member *member, PyObject *content)
{
    PyTypeObject *type = Py_TYPE(member);
    Member *copy = (Member *)type->tp_alloc(type, 0);
    if (copy == NULL) {
        return NULL;
    }
    copy->name = Py_NewRef(member->name);
    copy->link = Py_NewRef(member->link);
    copy->content = Py_NewRef(content);
    copy->size = member->size;
    copy->mtime = member->mtime;
    copy->offset = member->offset;
    copy->mode = member->mode;
    copy->uid = member->uid;
    copy->gid = member->gid;
    copy->kind = member->kind;
    return (PyObject *)copy;
}

static PyObject *
member_with_digest(PyObject *self, PyObject *digest)
{
    PyObject *condensed = PyObject_GetAttrString(digest, "condensed");
    PyObject *sha256 = PyObject_GetAttrString(digest, "sha256");
    PyObject *found = NULL;
    if (condensed != NULL && sha256 != NULL) {
        if (condensed == Py_None) {
            found = with_content((Member *)self, sha256);
        } else {
            PyObject *exact = member_exact(self, NULL);
            if (exact != NULL) {
                found = PyObject_CallMethod(exact, "with_digest", "O", digest);
                Py_DECREF(exact);
            }
        }
    }
    Py_XDECREF(condensed);
    Py_XDECREF(sha256);
    return found;
}

static PyMemberDef member_members[] = {
    {"name", T_OBJECT_EX, offsetof(Member, name), READONLY, NULL},
    {"link", T_OBJECT_EX, offsetof(Member, link), READONLY, NULL},
    {"content", T_OBJECT, offsetof(Member, content), READONLY, NULL},
    {"size", T_LONGLONG, offsetof(Member, size), READONLY, NULL},
    {"stored_size", T_LONGLONG, offsetof(Member, size), READONLY, NULL},
    {"mtime", T_LONGLONG, offsetof(Member, mtime), READONLY, NULL},
    {"offset", T_LONGLONG, offsetof(Member, offset), READONLY, NULL},
    {"mode", T_UINT, offsetof(Member, mode), READONLY, NULL},
    {"uid", T_UINT, offsetof(Member, uid), READONLY, NULL},
    {"gid", T_UINT, offsetof(Member, gid), READONLY, NULL},
    {NULL},
};

static PyGetSetDef member_getters[] = {
    {"type", member_type_name, NULL, NULL, NULL},
    {"extra", member_extra, NULL, NULL, NULL},
    {"header_offset", member_header_offset, NULL, NULL, NULL},
    {"digest", member_digest, NULL, NULL, NULL},
    {NULL},
};

static PyMethodDef member_methods[] = {
    {"exact", member_exact, METH_NOARGS, "The same member as an ExactMember."},
    {"with_digest", member_with_digest, METH_O, "The same member with the digest of its content."},
    {"__reduce__", member_reduce, METH_NOARGS, "Pickles as an ExactMember, which every installation has."},
    {NULL},
};

static PyType_Slot member_slots[] = {
    {Py_tp_doc, "An ordinary member of a tar, with the attributes of an ExactMember."},
    {Py_tp_dealloc, member_dealloc},
    {Py_tp_richcompare, member_compare},
    {Py_tp_hash, member_hash},
    {Py_tp_repr, member_repr},
    {Py_tp_members, member_members},
    {Py_tp_getset, member_getters},
    {Py_tp_methods, member_methods},
    {0, NULL},
};

static PyType_Spec member_spec = {
    .name = "imgtar.formats.tar._ordinary.OrdinaryMember",
    .basicsize = sizeof(Member),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = member_slots,
};

/* Headers */

/* The value of a field of octal digits that only blanks and NULs follow, -1 for any other; no digit at all is 0. */
static long long
octal(const unsigned char *field, int width)
{
    long long value = 0;
    int at = 0;
    while (at < width && field[at] >= '0' && field[at] <= '7') {
        value = value << 3 | (field[at++] - '0');
    }
    if (at > 11) {
        return -1;
    }
    for (; at < width; at++) {
        if (field[at] != ' ' && field[at] != '\0') {
            return -1;
        }
    }
    return value;
}

static int
checksum_is_right(const unsigned char *block)
{
    unsigned int sum = 8 * ' ';
    for (int at = 0; at < BLOCK; at++) {
        sum += block[at];
    }
    for (int at = 148; at < 156; at++) {
        sum -= block[at];
    }
    return octal(block + 148, 8) == (long long)sum;
}

static Py_ssize_t
text_size(const unsigned char *field, Py_ssize_t width)
{
    const unsigned char *end = memchr(field, '\0', (size_t)width);
    return end == NULL ? width : end - field;
}

/* The length of the prefix at 345 of a ustar header, 0 without one, -1 for a header of no known dialect. */
static Py_ssize_t
prefix_size(const unsigned char *block)
{
    if (octal(block + 329, 8) < 0 || octal(block + 337, 8) < 0) {
        return -1;
    }
    if (memcmp(block + 257, "ustar\0", 6) == 0) {
        return memcmp(block + 508, "tar", 4) == 0 ? -1 : text_size(block + 345, 155);
    }
    if (memcmp(block + 257, "ustar  \0", 8) == 0) {
        return block[345] == '\0' && block[357] == '\0' ? 0 : -1;
    }
    return -1;
}

/* The path in the only record of a pax header: b"27 path=...\n". NULL where it holds anything else. */
static const unsigned char *
pax_path(const unsigned char *body, Py_ssize_t size, Py_ssize_t *length)
{
    Py_ssize_t stated = 0, at = 0;
    while (at < size && at < 4 && body[at] >= '0' && body[at] <= '9') {
        stated = stated * 10 + (body[at++] - '0');
    }
    if (at == 0 || body[0] == '0' || stated != size || size - at < 8 || memcmp(body + at, " path=", 6) != 0 ||
        body[size - 1] != '\n') {
        return NULL;
    }
    at += 6;
    *length = size - 1 - at;
    return memchr(body + at, '\0', (size_t)*length) == NULL ? body + at : NULL;
}

/* A header that was read: where it is, and the path of the extended header before it. */
typedef struct {
    const unsigned char *block;
    const unsigned char *path; /* NULL without an extended header */
    Py_ssize_t path_size;
    long long size;
    unsigned char kind;
} Header;

/* Is there an ordinary header at `block`? Then `header` gets its kind and size. */
static int
is_ordinary(const unsigned char *block, Header *header)
{
    long long size = octal(block + 124, 12);
    switch (block[156]) {
    case '0':
        header->kind = KIND_FILE;
        break;
    case '1':
        header->kind = KIND_HARDLINK;
        break;
    case '2':
        header->kind = KIND_SYMLINK;
        break;
    case '5':
        header->kind = KIND_DIR;
        break;
    default:
        return 0;
    }
    if (size < 0 || (size > 0 && header->kind != KIND_FILE)) {
        return 0;
    }
    header->block = block;
    header->size = size;
    return checksum_is_right(block) && prefix_size(block) >= 0;
}

/* Reads the `x` or `L` header at `at` that carries a path alone; returns where the next header is, 0 for any other. */
static Py_ssize_t
extended_path(const unsigned char *window, Py_ssize_t length, Py_ssize_t at, Header *header)
{
    const unsigned char *block = window + at;
    long long size = octal(block + 124, 12);
    if (size <= 0 || size > BLOCK || length - at < 3 * BLOCK || !checksum_is_right(block) || prefix_size(block) < 0 ||
        octal(block + 100, 8) < 0 || octal(block + 108, 8) < 0 || octal(block + 116, 8) < 0 ||
        octal(block + 136, 12) < 0) {
        return 0;
    }
    const unsigned char *body = block + BLOCK;
    if (block[156] == 'x') {
        header->path = pax_path(body, (Py_ssize_t)size, &header->path_size);
    } else {
        header->path = body;
        header->path_size = text_size(body, (Py_ssize_t)size);
    }
    return header->path != NULL && header->path_size > 0 ? at + 2 * BLOCK : 0;
}

static PyObject *
name_of(const Header *header)
{
    const unsigned char *block = header->block;
    if (header->path != NULL) {
        return PyBytes_FromStringAndSize((const char *)header->path, header->path_size);
    }
    Py_ssize_t size = text_size(block, 100), before = prefix_size(block);
    if (before == 0) {
        return PyBytes_FromStringAndSize((const char *)block, size);
    }
    PyObject *name = PyBytes_FromStringAndSize(NULL, before + 1 + size);
    if (name != NULL) {
        char *text = PyBytes_AS_STRING(name);
        memcpy(text, block + 345, (size_t)before);
        text[before] = '/';
        memcpy(text + before + 1, block, (size_t)size);
    }
    return name;
}

/* The member of a header whose body is at `offset`; NULL without an error where one of its numbers is not plain. */
static PyObject *
member_of(State *state, const Header *header, long long offset)
{
    const unsigned char *block = header->block;
    long long mode = octal(block + 100, 8), uid = octal(block + 108, 8), gid = octal(block + 116, 8);
    long long mtime = octal(block + 136, 12);
    if (mode < 0 || uid < 0 || gid < 0 || mtime < 0) {
        return NULL;
    }
    Member *member = (Member *)state->member_type->tp_alloc(state->member_type, 0);
    if (member == NULL) {
        return NULL;
    }
    Py_ssize_t link_size = text_size(block + 157, 100);
    member->name = name_of(header);
    member->link = link_size == 0 ? Py_NewRef(state->empty)
                                  : PyBytes_FromStringAndSize((const char *)block + 157, link_size);
    if (member->name == NULL || member->link == NULL) {
        Py_DECREF(member);
        return NULL;
    }
    member->size = header->size;
    member->mtime = mtime;
    member->offset = offset;
    member->mode = (unsigned int)mode;
    member->uid = (unsigned int)uid;
    member->gid = (unsigned int)gid;
    member->kind = header->kind;
    return (PyObject *)member;
}

PyDoc_STRVAR(read_doc,
             "read(window, first, start) -> (members, offset, headers)\n\n"
             "Reads ordinary members from window[first] on; window[0] is the byte `start` of the tar. `offset` is the\n"
             "byte where the first header lies that was not read, `headers` counts those that were.");

static PyObject *
read_members(PyObject *module, PyObject *arguments)
{
    State *state = PyModule_GetState(module);
    Py_buffer buffer;
    Py_ssize_t at;
    long long start;
    if (!PyArg_ParseTuple(arguments, "y*nL:read", &buffer, &at, &start)) {
        return NULL;
    }
    const unsigned char *window = buffer.buf;
    Py_ssize_t length = buffer.len;
    long long headers = 0, next = start + at;
    PyObject *members = PyList_New(0);
    while (members != NULL && at >= 0 && at <= length - BLOCK) {
        Header header = {NULL, NULL, 0, 0, 0};
        Py_ssize_t place = at;
        if (window[at + 156] == 'x' || window[at + 156] == 'L') {
            place = extended_path(window, length, at, &header);
            if (place == 0) {
                break;
            }
        }
        if (!is_ordinary(window + place, &header)) {
            break;
        }
        long long body = start + place + BLOCK;
        PyObject *member = member_of(state, &header, body);
        if (member == NULL || PyList_Append(members, member) < 0) {
            Py_XDECREF(member);
            if (PyErr_Occurred()) {
                Py_CLEAR(members);
            }
            break;
        }
        Py_DECREF(member);
        headers += place == at ? 1 : 2;
        next = body + (header.size + BLOCK - 1) / BLOCK * BLOCK;
        if (next - start > length - BLOCK) {
            break;
        }
        at = (Py_ssize_t)(next - start);
    }
    PyBuffer_Release(&buffer);
    return members == NULL ? NULL : Py_BuildValue("NLL", members, next, headers);
}

/* Placing */

#define TABLE 256 /* a value for each byte */

enum character { ODD, PLAIN, UPPER };

/* What stands in the way of a name: nothing (PLAIN), upper case letters that a file system may fold, or anything else. */
static enum character
look_at(const char *characters, const char *base, Py_ssize_t size)
{
    enum character worst = PLAIN;
    for (Py_ssize_t at = 0; at < size; at++) {
        enum character here = (enum character)characters[(unsigned char)base[at]];
        if (here == ODD) {
            return ODD;
        }
        if (here == UPPER) {
            worst = UPPER;
        }
    }
    return worst;
}

/* The tree of the layer, and the directory of the last member, which is known. */
typedef struct {
    PyObject *entries;
    PyObject *implied;
    PyObject *directories;
    PyObject *head; /* owned; NULL at first */
    long long names; /* bytes of names to be counted */
    long long made; /* directories that were made */
    long long made_names; /* bytes of their paths */
    const char *characters; /* an `enum character` for each byte */
    Py_ssize_t longest; /* bytes of a path whose parts need no second look at their length */
} Tree;

/* Makes a directory that nobody listed, in a known directory. 1; 0 where something else is there; -1 with an error. */
static int
make_directory(Tree *tree, PyObject *path)
{
    int listed = PyDict_Contains(tree->entries, path);
    if (listed != 0) {
        return listed < 0 ? -1 : 0;
    }
    int there = PySet_Contains(tree->implied, path);
    if (there < 0 || PyDict_SetItem(tree->directories, path, path) < 0) {
        return -1;
    }
    if (there == 0) {
        tree->made_names += PyBytes_GET_SIZE(path);
        tree->made++;
        return PySet_Add(tree->implied, path) < 0 ? -1 : 1;
    }
    return 1;
}

/* Is `path` a directory that is known under this very path, or can be made below one? 1, 0, or -1 with an error. */
static int
is_directory(Tree *tree, const char *path, Py_ssize_t size)
{
    PyObject *directory = PyBytes_FromStringAndSize(path, size);
    if (directory == NULL) {
        return -1;
    }
    PyObject *real = PyDict_GetItemWithError(tree->directories, directory);
    int found = 0;
    if (real != NULL) {
        found = PyObject_RichCompareBool(real, directory, Py_EQ);
    } else if (PyErr_Occurred()) {
        found = -1;
    } else if (size > 0) {
        Py_ssize_t cut = size;
        while (cut > 0 && path[cut - 1] != '/') {
            cut--;
        }
        const char *base = path + cut;
        /* No empty part, no dots, no marker; `cut` is 1 for an absolute path. */
        if (cut != size && cut != 1 && base[0] != '.' && look_at(tree->characters, base, size - cut) != ODD) {
            found = is_directory(tree, path, cut == 0 ? 0 : cut - 1);
            if (found == 1) {
                found = make_directory(tree, directory);
            }
        }
    }
    if (found == 1) {
        Py_XSETREF(tree->head, Py_NewRef(directory));
    }
    Py_DECREF(directory);
    return found;
}

/* As `is_directory`, for the directory of a member: mostly that of the member before. */
static int
is_head(Tree *tree, const char *path, Py_ssize_t size)
{
    if (tree->head != NULL && PyBytes_GET_SIZE(tree->head) == size &&
        memcmp(PyBytes_AS_STRING(tree->head), path, (size_t)size) == 0) {
        return 1;
    }
    return is_directory(tree, path, size);
}

/* The path of a member whose name is ordinary and that may be placed; NULL where it may not, or with an error. */
static PyObject *
place_of(const Member *member, Tree *tree, enum character *look)
{
    Py_ssize_t whole = PyBytes_GET_SIZE(member->name), size = whole, cut;
    const char *path = PyBytes_AS_STRING(member->name);
    int dotted = size > 2 && path[0] == '.' && path[1] == '/';
    if (dotted) {
        path += 2;
        size -= 2;
    }
    if (member->kind == KIND_DIR && size > 0 && path[size - 1] == '/') {
        size--;
    }
    for (cut = size - 1; cut >= 0 && path[cut] != '/'; cut--) {
    }
    Py_ssize_t head = cut < 0 ? 0 : cut;
    const char *base = path + cut + 1;
    if (size == cut + 1 || base[0] == '.' || cut == 0 || size > tree->longest) {
        return NULL;
    }
    *look = look_at(tree->characters, base, size - cut - 1);
    long long made = tree->made;
    if (*look == ODD || is_head(tree, path, head) != 1) {
        return NULL;
    }
    if (dotted || tree->made > made) {
        tree->names += whole - size; /* the exact placing counts the whole name of what takes a second look */
    }
    return size == whole ? Py_NewRef(member->name) : PyBytes_FromStringAndSize(path, size);
}

PyDoc_STRVAR(place_doc,
             "place(members, first, entries, implied, directories, folded, characters, longest)\n"
             "    -> (next, bytes of names, directories made, bytes of their paths, bytes of files, bytes of symbolic links)\n\n"
             "Places members[first:] as long as they are ordinary: with a plain name in a directory that is known or\n"
             "can be made below one, at a path where nothing is yet. Paths with upper case letters are also appended to `folded`.\n"
             "`characters` has 0 (odd), 1 (plain) or 2 (upper case) for each byte, `longest` is the bytes of a short path.");

static PyObject *
place_members(PyObject *module, PyObject *arguments)
{
    State *state = PyModule_GetState(module);
    PyObject *members, *entries, *implied, *directories, *folded;
    const char *characters;
    Py_ssize_t at, table, longest;
    if (!PyArg_ParseTuple(arguments, "O!nO!O!O!O!y#n:place", &PyList_Type, &members, &at, &PyDict_Type, &entries,
                          &PySet_Type, &implied, &PyDict_Type, &directories, &PyList_Type, &folded, &characters,
                          &table, &longest)) {
        return NULL;
    }
    if (table != TABLE) {
        PyErr_SetString(PyExc_ValueError, "characters has a value for each byte");
        return NULL;
    }
    Tree tree = {entries, implied, directories, NULL, 0, 0, 0, characters, longest};
    long long files = 0, links = 0;
    int failed = at < 0;
    for (; !failed && at < PyList_GET_SIZE(members); at++) {
        Member *member = (Member *)PyList_GET_ITEM(members, at);
        if (!Py_IS_TYPE(member, state->member_type) || member->kind == KIND_HARDLINK) {
            break;
        }
        Py_ssize_t link_size = PyBytes_GET_SIZE(member->link);
        if (member->kind == KIND_SYMLINK && link_size == 0) {
            break;
        }
        enum character look = ODD;
        PyObject *path = place_of(member, &tree, &look);
        if (path == NULL) {
            failed = PyErr_Occurred() != NULL;
            break;
        }
        int taken = PyDict_Contains(entries, path);
        if (taken == 0) {
            taken = PySet_Contains(implied, path);
        }
        if (taken != 0) {
            failed = taken < 0;
            Py_DECREF(path);
            break;
        }
        failed = PyDict_SetItem(entries, path, (PyObject *)member) < 0 ||
                 (member->kind == KIND_DIR && PyDict_SetItem(directories, path, path) < 0) ||
                 (look == UPPER && PyList_Append(folded, path) < 0);
        tree.names += PyBytes_GET_SIZE(path) + link_size;
        files += member->kind == KIND_FILE ? member->size : 0;
        links += member->kind == KIND_SYMLINK ? link_size : 0;
        Py_DECREF(path);
    }
    Py_XDECREF(tree.head);
    if (failed) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "first is negative");
        }
        return NULL;
    }
    return Py_BuildValue("nLLLLL", at, tree.names, tree.made, tree.made_names, files, links);
}

/* Rows */

#define NUMBER 20 /* characters of the longest number of 64 bits */
#define PARTS 11
#define IMPLIED_END 10 /* the part behind the path of a directory that no member lists */

/* Can the text stand between two parts as it is? */
static int
is_plain(const char *plain, PyObject *text)
{
    const unsigned char *at = (const unsigned char *)PyBytes_AS_STRING(text);
    for (Py_ssize_t size = PyBytes_GET_SIZE(text); size > 0; size--) {
        if (!plain[*at++]) {
            return 0;
        }
    }
    return 1;
}

static char *
put(char *end, const char *text, Py_ssize_t size)
{
    memcpy(end, text, (size_t)size);
    return end + size;
}

static char *
put_bytes(char *end, PyObject *bytes)
{
    return put(end, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes));
}

static char *
put_number(char *end, unsigned long long number)
{
    char digits[NUMBER];
    int at = NUMBER;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return put(end, digits + at, NUMBER - at);
}

/* Writes one row; the caller has proven that there is room. */
static char *
put_row(char *end, PyObject *const *parts, PyObject *path, const Member *member)
{
    int is_link = member->kind == KIND_SYMLINK;
    const char *kind = KIND_NAMES[member->kind];
    end = put_bytes(put_bytes(end, parts[0]), path);
    end = put(put_bytes(end, parts[1]), kind, (Py_ssize_t)strlen(kind));
    end = put_bytes(end, parts[2]);
    end = put_number(end, is_link ? (unsigned long long)PyBytes_GET_SIZE(member->link) : (unsigned long long)member->size);
    end = put_bytes(end, parts[3]);
    for (int shift = 9; shift >= 0; shift -= 3) {
        *end++ = (char)('0' + (member->mode >> shift & 7));
    }
    end = put_number(put_bytes(end, parts[4]), member->uid);
    end = put_number(put_bytes(end, parts[5]), member->gid);
    end = put_number(put_bytes(end, parts[6]), (unsigned long long)member->mtime);
    if (is_link) {
        return put_bytes(put_bytes(put_bytes(end, parts[7]), member->link), parts[8]);
    }
    return put_bytes(end, parts[9]);
}

PyDoc_STRVAR(rows_doc,
             "rows(paths, first, stop, entries, special, parts, plain) -> (text, next)\n\n"
             "A row for each of paths[first:stop], with commas between them, up to the first path that is in `special`,\n"
             "has an exact member in `entries`, or has a byte for which `plain` is 0. A path without a member is an implied\n"
             "directory. `parts` stand around the values.");

static PyObject *
write_rows(PyObject *module, PyObject *arguments)
{
    State *state = PyModule_GetState(module);
    PyObject *paths, *entries, *special, *parts;
    const char *plain;
    Py_ssize_t first, stop, table, fixed = 0;
    if (!PyArg_ParseTuple(arguments, "O!nnO!O!O!y#:rows", &PyList_Type, &paths, &first, &stop, &PyDict_Type, &entries,
                          &PySet_Type, &special, &PyTuple_Type, &parts, &plain, &table)) {
        return NULL;
    }
    if (first < 0 || stop > PyList_GET_SIZE(paths) || PyTuple_GET_SIZE(parts) != PARTS || table != TABLE) {
        PyErr_SetString(PyExc_ValueError, "outside the list, not eleven parts, or no value for each byte");
        return NULL;
    }
    for (int part = 0; part < PARTS; part++) {
        if (!PyBytes_Check(PyTuple_GET_ITEM(parts, part))) {
            PyErr_SetString(PyExc_TypeError, "parts are bytes");
            return NULL;
        }
        fixed += PyBytes_GET_SIZE(PyTuple_GET_ITEM(parts, part));
    }
    /* Four numbers, four digits of the mode, the longest type and a comma come besides the parts. */
    fixed += 4 * NUMBER + 4 + (Py_ssize_t)sizeof("hardlink") + 1;
    Py_ssize_t at, room = 0;
    for (at = first; at < stop; at++) {
        PyObject *path = PyList_GET_ITEM(paths, at);
        int found = PySet_Contains(special, path);
        if (found < 0) {
            return NULL;
        }
        if (found || !PyBytes_Check(path) || !is_plain(plain, path)) {
            break;
        }
        room += fixed + PyBytes_GET_SIZE(path);
        PyObject *value = PyDict_GetItemWithError(entries, path);
        if (value == NULL) {
            if (PyErr_Occurred()) {
                return NULL;
            }
            continue; /* an implied directory */
        }
        if (!Py_IS_TYPE(value, state->member_type)) {
            break;
        }
        Member *member = (Member *)value;
        if (member->kind == KIND_HARDLINK || (member->kind == KIND_SYMLINK && !is_plain(plain, member->link))) {
            break;
        }
        room += PyBytes_GET_SIZE(member->link);
    }
    PyObject *text = PyBytes_FromStringAndSize(NULL, room);
    if (text == NULL) {
        return NULL;
    }
    char *begin = PyBytes_AS_STRING(text), *end = begin;
    PyObject *const *items = &PyTuple_GET_ITEM(parts, 0);
    for (Py_ssize_t row = first; row < at; row++) {
        PyObject *path = PyList_GET_ITEM(paths, row);
        if (row > first) {
            *end++ = ',';
        }
        /* The first loop has looked up the same key; no Python code ran in between that could have changed it. */
        Member *member = (Member *)PyDict_GetItemWithError(entries, path);
        end = member == NULL ? put_bytes(put_bytes(put_bytes(end, items[0]), path), items[IMPLIED_END])
                             : put_row(end, items, path, member);
    }
    if (_PyBytes_Resize(&text, end - begin) < 0) {
        return NULL;
    }
    return Py_BuildValue("Nn", text, at);
}

/* Members from their values */

#define VALUES 10

/* The number in `value` where it is in 0 to `most`; -1 with an error for any other. */
static long long
value_of(PyObject *value, long long most)
{
    int overflows;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflows);
    if (overflows || number < 0 || number > most) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "no number of an ordinary header");
        }
        return -1;
    }
    return number;
}

PyDoc_STRVAR(member_doc,
             "member(name, kind, size, mode, uid, gid, mtime, link, offset, content) -> member\n\n"
             "The ordinary member with these values. `kind` is 0 for a file, 1 for a hard link, 2 for a symbolic link,\n"
             "3 for a directory. Raises ValueError where no ordinary header states such a number.");

static PyObject *
make_member(PyObject *module, PyObject *const *values, Py_ssize_t count)
{
    State *state = PyModule_GetState(module);
    if (count != VALUES || !PyBytes_CheckExact(values[0]) || !PyBytes_CheckExact(values[7]) ||
        (values[9] != Py_None && !PyBytes_CheckExact(values[9]))) {
        PyErr_SetString(PyExc_TypeError, "ten values; name, link and content are bytes");
        return NULL;
    }
    static const long long most[VALUES] = {0, KINDS - 1, LARGEST, OCTAL_7, OCTAL_7, OCTAL_7, LARGEST, 0, LLONG_MAX, 0};
    long long numbers[VALUES];
    for (int at = 0; at < VALUES; at++) {
        if (at == 0 || at == 7 || at == 9) {
            continue;
        }
        numbers[at] = value_of(values[at], at == 2 && numbers[1] != KIND_FILE ? 0 : most[at]);
        if (numbers[at] < 0) {
            return NULL;
        }
    }
    Member *member = (Member *)state->member_type->tp_alloc(state->member_type, 0);
    if (member == NULL) {
        return NULL;
    }
    member->name = Py_NewRef(values[0]);
    member->kind = (unsigned char)numbers[1];
    member->size = numbers[2];
    member->mode = (unsigned int)numbers[3];
    member->uid = (unsigned int)numbers[4];
    member->gid = (unsigned int)numbers[5];
    member->mtime = numbers[6];
    member->link = Py_NewRef(values[7]);
    member->offset = numbers[8];
    member->content = values[9] == Py_None ? NULL : Py_NewRef(values[9]);
    return (PyObject *)member;
}

/* The module */

static PyObject *
imported(const char *module_name, const char *name)
{
    PyObject *module = PyImport_ImportModule(module_name);
    if (module == NULL) {
        return NULL;
    }
    PyObject *found = PyObject_GetAttrString(module, name);
    Py_DECREF(module);
    return found;
}

static int
module_exec(PyObject *module)
{
    State *state = PyModule_GetState(module);
    for (int kind = 0; kind < KINDS; kind++) {
        state->kinds[kind] = PyUnicode_InternFromString(KIND_NAMES[kind]);
        if (state->kinds[kind] == NULL) {
            return -1;
        }
    }
    state->empty = PyBytes_FromStringAndSize(NULL, 0);
    state->exact_type = imported("imgtar.formats.tar.member", "ExactMember");
    state->digest_type = imported("imgtar.formats.tar.content", "ContentDigest");
    state->member_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &member_spec, NULL);
    if (state->empty == NULL || state->exact_type == NULL || state->digest_type == NULL ||
        state->member_type == NULL) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "OrdinaryMember", (PyObject *)state->member_type);
}

static int
module_traverse(PyObject *module, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(module);
    Py_VISIT(state->member_type);
    Py_VISIT(state->exact_type);
    Py_VISIT(state->digest_type);
    return 0;
}

static int
module_clear(PyObject *module)
{
    State *state = PyModule_GetState(module);
    Py_CLEAR(state->member_type);
    Py_CLEAR(state->exact_type);
    Py_CLEAR(state->digest_type);
    Py_CLEAR(state->empty);
    for (int kind = 0; kind < KINDS; kind++) {
        Py_CLEAR(state->kinds[kind]);
    }
    return 0;
}

static PyMethodDef module_methods[] = {
    {"read", read_members, METH_VARARGS, read_doc},
    {"place", place_members, METH_VARARGS, place_doc},
    {"rows", write_rows, METH_VARARGS, rows_doc},
    {"member", (PyCFunction)(void (*)(void))make_member, METH_FASTCALL, member_doc},
    {NULL},
};

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "imgtar.formats.tar._ordinary",
    .m_doc = "The compiled walker: ordinary members, read and placed.",
    .m_size = sizeof(State),
    .m_methods = module_methods,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
};

PyMODINIT_FUNC
PyInit__ordinary(void)
{
    return PyModuleDef_Init(&module_definition);
}
