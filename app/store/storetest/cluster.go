package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// clusterUser is the superuser of a throw-away cluster.
const clusterUser = "atelier"

// cluster is a PostgreSQL that lives in a temporary folder and answers on a
// socket there only.
type cluster struct {
	bin, folder string
	credential  *syscall.Credential // nil: this process is not root
}

// binaries finds the folder with initdb and pg_ctl; empty: there is none.
func binaries() string {
	if path, err := exec.LookPath("pg_ctl"); err == nil {
		return filepath.Dir(path)
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_ctl")
	if err != nil || len(found) == 0 {
		return ""
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1])
}

func startCluster(bin string) (*cluster, error) {
	credential, err := otherThanRoot()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "atelier-pg-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for PostgreSQL: %w", err)
	}
	c := &cluster{bin: bin, folder: folder, credential: credential}
	if err := c.start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return c, nil
}

func (c *cluster) start() error {
	if c.credential != nil {
		if err := os.Chown(c.folder, int(c.credential.Uid), int(c.credential.Gid)); err != nil {
			return fmt.Errorf("give the folder to the user that runs PostgreSQL: %w", err)
		}
	}
	err := c.run("initdb", "-D", c.data(), "-U", clusterUser, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return err
	}
	// Durability is not what these tests are about, speed is.
	options := "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c timezone=Asia/Tokyo -k " + c.folder
	return c.run("pg_ctl", "-D", c.data(), "-w", "-t", "60", "-l", filepath.Join(c.folder, "log"), "-o", options, "start")
}

func (c *cluster) stop() error {
	err := c.run("pg_ctl", "-D", c.data(), "-w", "-t", "60", "-m", "immediate", "stop")
	return errors.Join(err, os.RemoveAll(c.folder))
}

func (c *cluster) data() string { return filepath.Join(c.folder, "data") }

func (c *cluster) address() string {
	return "postgres://" + clusterUser + "@/postgres?host=" + url.QueryEscape(c.folder)
}

// run runs one of PostgreSQL's programs as a user that it accepts.
func (c *cluster) run(program string, args ...string) error {
	cmd := exec.Command(filepath.Join(c.bin, program), args...)
	cmd.Dir = c.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.credential}
	// A file, not a pipe: the server inherits it and would keep a pipe open.
	out, err := os.CreateTemp(c.folder, program+"-")
	if err != nil {
		return fmt.Errorf("make a file for what %s says: %w", program, err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(said))
	}
	return nil
}

// otherThanRoot picks a user for PostgreSQL, which refuses to run as root.
func otherThanRoot() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody: run the tests as another user")
}
