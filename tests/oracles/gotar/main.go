// Gotar says what Go's archive/tar, the reader of docker, containerd and podman, makes of a tar.
//
// Without arguments it reads frames from standard input (8 bytes big-endian length, then that many bytes of tar) and
// answers each with JSON lines: one object per member, then one with "end": true and the error that ended the reading.
// With the argument write-ustar, write-pax or write-gnu it writes a tar of many kinds of members to standard output.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"strings"
	"time"
)

// Bodies above this logical size are not hashed: a sparse file of 8 EiB fits into a kilobyte.
const hashedAtMost = 64 << 20

const xattrPrefix = "SCHILY.xattr."

// member is one entry; []byte becomes base64, since names need not be UTF-8.
type member struct {
	Name   []byte            `json:"name"`
	Type   int               `json:"type"`
	Size   int64             `json:"size"`
	Mode   int64             `json:"mode"`
	UID    int               `json:"uid"`
	GID    int               `json:"gid"`
	Sec    int64             `json:"sec"`
	Nsec   int               `json:"nsec"`
	Link   []byte            `json:"link"`
	Major  int64             `json:"major"`
	Minor  int64             `json:"minor"`
	Xattrs map[string][]byte `json:"xattrs"`
	SHA256 string            `json:"sha256"`
	Cut    bool              `json:"cut"`
}

type end struct {
	End   bool   `json:"end"`
	Error string `json:"error"`
}

func list(content []byte, out *json.Encoder) error {
	reader := tar.NewReader(bytes.NewReader(content))
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return out.Encode(end{End: true})
		}
		if err != nil && !(header != nil && strings.Contains(err.Error(), "insecure file path")) {
			return out.Encode(end{End: true, Error: err.Error()})
		}
		one := describe(header)
		if header.Size <= hashedAtMost {
			sum := sha256.New()
			if _, err := io.Copy(sum, reader); err != nil {
				one.Cut = true
				if err := out.Encode(one); err != nil {
					return err
				}
				return out.Encode(end{End: true, Error: err.Error()})
			}
			one.SHA256 = hex.EncodeToString(sum.Sum(nil))
		}
		if err := out.Encode(one); err != nil {
			return err
		}
	}
}

func describe(header *tar.Header) member {
	one := member{
		Name: []byte(header.Name), Type: int(header.Typeflag), Size: header.Size, Mode: header.Mode,
		UID: header.Uid, GID: header.Gid, Sec: header.ModTime.Unix(), Nsec: header.ModTime.Nanosecond(),
		Link: []byte(header.Linkname), Major: header.Devmajor, Minor: header.Devminor, Xattrs: map[string][]byte{},
	}
	for key, value := range header.PAXRecords {
		if strings.HasPrefix(key, xattrPrefix) {
			one.Xattrs[hex.EncodeToString([]byte(key[len(xattrPrefix):]))] = []byte(value)
		}
	}
	return one
}

func serve() error {
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for {
		var size uint64
		if err := binary.Read(in, binary.BigEndian, &size); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		content := make([]byte, size)
		if _, err := io.ReadFull(in, content); err != nil {
			return err
		}
		if err := list(content, encoder); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

// write writes what the format can hold; a member that it cannot is left out.
func write(format tar.Format) error {
	when := time.Unix(1700000000, 0)
	fine := time.Unix(1700000000, 123456789)
	deep := strings.Repeat("directory/", 9) + "file"
	deeper := strings.Repeat("a-long-directory-name/", 12) + strings.Repeat("n", 120)
	headers := []*tar.Header{
		{Name: "d/", Typeflag: tar.TypeDir, Mode: 0o755, ModTime: when},
		{Name: "d/empty", Typeflag: tar.TypeReg, Mode: 0o600, ModTime: when},
		{Name: "d/body", Typeflag: tar.TypeReg, Mode: 0o4755, Size: 1000, ModTime: when, Uid: 7, Gid: 8, Uname: "u", Gname: "g"},
		{Name: "d/block", Typeflag: tar.TypeReg, Mode: 0o644, Size: 512, ModTime: when},
		{Name: deep, Typeflag: tar.TypeReg, Mode: 0o644, Size: 3, ModTime: when},
		{Name: deeper, Typeflag: tar.TypeReg, Mode: 0o644, Size: 4, ModTime: when},
		{Name: "d/sym", Typeflag: tar.TypeSymlink, Linkname: "body", Mode: 0o777, ModTime: when},
		{Name: "d/longsym", Typeflag: tar.TypeSymlink, Linkname: deeper, Mode: 0o777, ModTime: when},
		{Name: "d/hard", Typeflag: tar.TypeLink, Linkname: "d/body", Mode: 0o644, ModTime: when},
		{Name: "d/char", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3, Mode: 0o666, ModTime: when},
		{Name: "d/blk", Typeflag: tar.TypeBlock, Devmajor: 259, Devminor: 70000, Mode: 0o660, ModTime: when},
		{Name: "d/fifo", Typeflag: tar.TypeFifo, Mode: 0o644, ModTime: when},
		{Name: "d/big-owner", Typeflag: tar.TypeReg, Uid: 3000000, Gid: 4000000, Mode: 0o644, ModTime: when},
		{Name: "d/before-1970", Typeflag: tar.TypeReg, Mode: 0o644, ModTime: time.Unix(-86401, 0)},
		{Name: "d/fine", Typeflag: tar.TypeReg, Mode: 0o644, ModTime: fine},
		{Name: "d/before-1970-fine", Typeflag: tar.TypeReg, Mode: 0o644, ModTime: time.Unix(-2, 250000000)},
		{Name: "d/far", Typeflag: tar.TypeReg, Mode: 0o644, ModTime: time.Unix(1<<34, 0)},
		{Name: "d/d\u00e9j\u00e0", Typeflag: tar.TypeReg, Size: 5, Mode: 0o644, ModTime: when},
		{Name: "d/xattr", Typeflag: tar.TypeReg, Mode: 0o644, ModTime: when, PAXRecords: map[string]string{
			xattrPrefix + "user.note": "a=b\n\x00c", xattrPrefix + "security.capability": "\x01\x00\x00\x02"}},
	}
	writer := tar.NewWriter(os.Stdout)
	for _, header := range headers {
		header.Format = format
		if err := writer.WriteHeader(header); err != nil {
			continue
		}
		if _, err := writer.Write(bytes.Repeat([]byte("x"), int(header.Size))); err != nil {
			return err
		}
	}
	return writer.Close()
}

func main() {
	log.SetFlags(0)
	formats := map[string]tar.Format{"write-ustar": tar.FormatUSTAR, "write-pax": tar.FormatPAX, "write-gnu": tar.FormatGNU}
	var err error
	switch {
	case len(os.Args) == 1:
		err = serve()
	case formats[os.Args[1]] != tar.FormatUnknown:
		err = write(formats[os.Args[1]])
	default:
		err = errors.New("usage: gotar [write-ustar|write-pax|write-gnu]")
	}
	if err != nil {
		log.Fatal(err)
	}
}
