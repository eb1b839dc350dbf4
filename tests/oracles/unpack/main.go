// Unpacks image layers as docker's overlay2 driver and containerd's overlay snapshotter do, mounts them with the
// kernel's overlayfs, and lists what a container would see.
//
// One JSON job a line on standard input: {"engine": "docker"|"containerd", "layers": ["base.tar", …], "work": DIR};
// one JSON answer a line: {"error": "…"} with what the engine says where it refuses, else {"entries": [{"path", "type",
// "sha256", "mode", "uid", "gid", "mtime", "link", "device", "xattrs", "inode"}]}. Paths and link targets are base64;
// "inode" numbers the names of one file.
//
// Mounting needs root. The mounts are in a namespace of this process and end with it.
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"syscall"

	ctrarchive "github.com/containerd/containerd/v2/pkg/archive"
	"github.com/moby/go-archive"
	"github.com/moby/go-archive/chrootarchive"
	"golang.org/x/sys/unix"
)

type job struct {
	Engine string   `json:"engine"`
	Layers []string `json:"layers"`
	Work   string   `json:"work"`
}

type entry struct {
	Path   string            `json:"path"`
	Type   string            `json:"type"`
	SHA256 string            `json:"sha256,omitempty"`
	Mode   uint32            `json:"mode"`
	UID    uint32            `json:"uid"`
	GID    uint32            `json:"gid"`
	Mtime  int64             `json:"mtime"`
	Link   string            `json:"link,omitempty"`
	Device [2]uint32         `json:"device"`
	Xattrs map[string][]byte `json:"xattrs"`
	Inode  int               `json:"inode"`
}

type result struct {
	Error   string  `json:"error,omitempty"`
	Entries []entry `json:"entries"`
}

// unpack writes one layer into its own directory, whiteouts as overlayfs wants them.
func unpack(engine, path, dir string, lower []string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if engine == "docker" {
		return chrootarchive.UntarUncompressed(file, dir, &archive.TarOptions{WhiteoutFormat: archive.OverlayWhiteoutFormat})
	}
	options := []ctrarchive.ApplyOpt{ctrarchive.WithConvertWhiteout(ctrarchive.OverlayConvertWhiteout)}
	if len(lower) > 0 {
		options = append(options, ctrarchive.WithParents(lower))
	}
	_, err = ctrarchive.Apply(context.Background(), dir, file, options...)
	return err
}

// attributes reads the extended attributes that a container sees: all but those of overlayfs itself.
func attributes(path string) (map[string][]byte, error) {
	names := make([]byte, 4096)
	size, err := unix.Llistxattr(path, names)
	if err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	for _, name := range strings.Split(strings.TrimRight(string(names[:size]), "\x00"), "\x00") {
		if name == "" || strings.HasPrefix(name, "trusted.") {
			continue
		}
		value := make([]byte, 4096)
		size, err := unix.Lgetxattr(path, name, value)
		if err != nil {
			return nil, err
		}
		found[name] = value[:size]
	}
	return found, nil
}

func list(root string) ([]entry, error) {
	var entries []entry
	inodes := map[uint64]int{}
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // a whiteout in a directory of one layer alone: readdir lists it, nothing else finds it
		}
		if err != nil {
			return err
		}
		if path == root {
			return nil
		}
		var stat unix.Stat_t
		if err := unix.Lstat(path, &stat); os.IsNotExist(err) {
			return nil
		} else if err != nil {
			return err
		}
		number, known := inodes[stat.Ino]
		if !known {
			number = len(inodes)
			inodes[stat.Ino] = number
		}
		found := entry{
			Path: base64.StdEncoding.EncodeToString([]byte(path[len(root)+1:])),
			Mode: stat.Mode & 0o7777, UID: stat.Uid, GID: stat.Gid, Mtime: stat.Mtim.Sec, Inode: number,
		}
		if found.Xattrs, err = attributes(path); err != nil {
			return err
		}
		switch stat.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(content)
			found.Type, found.SHA256 = "file", hex.EncodeToString(sum[:])
		case unix.S_IFDIR:
			found.Type = "dir"
		case unix.S_IFLNK:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			found.Type, found.Link = "symlink", base64.StdEncoding.EncodeToString([]byte(target))
		case unix.S_IFCHR, unix.S_IFBLK:
			found.Type = map[bool]string{true: "char", false: "block"}[stat.Mode&unix.S_IFMT == unix.S_IFCHR]
			found.Device = [2]uint32{unix.Major(stat.Rdev), unix.Minor(stat.Rdev)}
		}
		entries = append(entries, found)
		return nil
	})
	sort.Slice(entries, func(a, b int) bool { return entries[a].Path < entries[b].Path })
	return entries, err
}

func run(work job) ([]entry, error) {
	if err := os.MkdirAll(work.Work, 0o755); err != nil {
		return nil, err
	}
	defer os.RemoveAll(work.Work)
	var lower []string // top first, as overlayfs lists them
	for number, path := range work.Layers {
		dir := filepath.Join(work.Work, fmt.Sprintf("layer%d", number))
		if err := os.Mkdir(dir, 0o755); err != nil {
			return nil, err
		}
		if err := unpack(work.Engine, path, dir, lower); err != nil {
			return nil, fmt.Errorf("layer %d: %w", number, err)
		}
		lower = append([]string{dir}, lower...)
	}
	empty, mount := filepath.Join(work.Work, "empty"), filepath.Join(work.Work, "merged")
	for _, dir := range []string{empty, mount} { // overlayfs wants two lower directories
		if err := os.Mkdir(dir, 0o755); err != nil {
			return nil, err
		}
	}
	options := "lowerdir=" + strings.Join(append(lower, empty), ":")
	if err := unix.Mount("overlay", mount, "overlay", unix.MS_RDONLY, options); err != nil {
		return nil, fmt.Errorf("mount: %w", err)
	}
	defer unix.Unmount(mount, unix.MNT_DETACH)
	return list(mount)
}

func main() {
	syscall.Umask(0)
	runtime.LockOSThread() // the namespace is this thread's
	err := unix.Unshare(unix.CLONE_NEWNS)
	if err == nil {
		err = unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, "")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "no mount namespace:", err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	encoder := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var work job
		if err := json.Unmarshal(lines.Bytes(), &work); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		answer := result{}
		if answer.Entries, err = run(work); err != nil {
			answer = result{Error: err.Error()}
		}
		if err := encoder.Encode(answer); err != nil {
			os.Exit(1)
		}
	}
}
