package guard

// paths looks for paths that have the name of a user or of a machine.
func (s *scanner) paths() {
	s.hive = -1
	for i := 0; i < len(s.b); i++ {
		switch s.b[i] {
		case 'h', 'H':
			if !s.is(i-1, alnum) {
				s.hiveBegins(i)
			}
		case '\n', '"':
			s.hive = -1
		case '\\':
			if s.byteAt(i+1) == '\\' && !s.is(i-1, name) && s.share(i) {
				continue
			}
			s.userFolder(i)
		case '/':
			s.userFolder(i)
		}
	}
}

// userFolder looks at the folder of a user whose path goes on at the slash i.
func (s *scanner) userFolder(i int) {
	slash := s.b[i]
	folder := s.slashEnd(i)
	var user int
	for _, h := range [...]string{"users", "documents and settings", "home", "benutzer"} {
		end := folder + len(h)
		if !s.stands(folder, h) || s.byteAt(end) != '\\' && s.byteAt(end) != '/' {
			continue
		}
		if h == "home" && slash != '/' && s.byteAt(i-1) != ':' || h == "users" && slash == '/' && s.b[folder] != 'U' && s.byteAt(i-1) != ':' {
			return // a path of a web server, perhaps
		}
		user = s.slashEnd(end)
		if s.stands(user, `names\`) {
			user = s.slashEnd(user + len("names")) // of the accounts' database
		}
	}
	if user == 0 || slash == '/' && !s.rooted(i) {
		return
	}
	end := s.folderEnd(user, s.byteAt(user-1))
	text := s.lower(user, min(end, user+maxUser))
	if end == user || everybody(text) || !s.is(user, alnum) || s.fileName(user, end) {
		return
	}
	start := s.pathStart(i)
	kind := Path
	if hive := s.hiveStart(start); hive >= 0 {
		kind, start, s.hive = Registry, hive, -1
	}
	s.add(kind, start, end, string(s.b[start:user])+"<user>")
}

// slashEnd gives the end of one slash, or of two where they are escaped.
func (s *scanner) slashEnd(i int) int {
	if s.byteAt(i) == '\\' && s.byteAt(i+1) == '\\' {
		return i + 2
	}
	return i + 1
}

// rooted says whether a path begins at i, and not before it.
func (s *scanner) rooted(i int) bool {
	if s.byteAt(i-1) == ':' || s.byteAt(i-1) == '/' {
		return true // a drive or file://
	}
	if mount := s.back(i, name, 8); s.byteAt(mount-1) == '/' && (i-mount == 1 || s.stands(mount, "export")) {
		return true // /mnt/c and /export
	}
	return !s.is(i-1, name) && s.byteAt(i-1) != '.' && s.byteAt(i-1) != '>' && s.byteAt(i-1) != '}'
}

// folderEnd gives the end of the name of a folder at i. It has blanks only
// where the path goes on after it.
func (s *scanner) folderEnd(i int, slash byte) int {
	end, blanks := i, 0
	for k := i; k <= i+maxUser; k++ {
		s.steps++
		switch {
		case s.is(k, name) || s.byteAt(k) == '$' || s.byteAt(k) == '\'' && s.is(k+1, lower):
			if blanks == 0 {
				end = k + 1
			}
		case s.byteAt(k) == '.' && s.is(k+1, alnum):
		case s.byteAt(k) == ' ' && s.is(k+1, upper) && blanks < 3:
			blanks++
		case s.byteAt(k) == slash && blanks > 0:
			return k
		default:
			return end
		}
	}
	return end
}

// pathStart gives where the path before a slash begins.
func (s *scanner) pathStart(i int) int {
	if s.byteAt(i-1) == ':' && s.is(i-2, letter) && !s.is(i-3, alnum) {
		i -= 2
	}
	for _, p := range [...]string{`\\?\`, `\\.\`, "file:///", "file://"} {
		if s.stands(i-len(p), p) {
			return i - len(p)
		}
	}
	return i
}

// hiveStart gives where a registry path begins that goes on at i, or -1.
func (s *scanner) hiveStart(i int) int {
	if !s.is(i-1, name) || s.byteAt(i) != '\\' {
		return -1
	}
	return s.hiveBefore(i)
}

// share looks at the two backslashes of \\HOST\share.
func (s *scanner) share(i int) bool {
	host := i + 2
	if !s.is(host, alnum) || s.byteAt(i-1) == '\\' || s.byteAt(i-1) == ':' || s.byteAt(i-1) == '%' || s.byteAt(i-1) == '}' || s.byteAt(i-1) == '>' {
		return false
	}
	t := s.token(host)
	if _, _, ok := s.quadAddress(t); ok || t.labels > maxLabels {
		return false
	}
	first := s.lower(s.labels[0][0], s.labels[0][1])
	bare := s.byteAt(t.end) != '\\'
	if placeholders[first] || systemShares[first] || s.byteAt(t.end+1) == '\\' || bare && !s.machineLike(s.labels[0][0], s.labels[0][1]) {
		return false
	}
	if t.labels > 1 {
		if v, _ := s.judge(t, true); v == harmless {
			return false
		}
	}
	s.add(Host, i, t.end, `\\<host>`)
	return true
}
