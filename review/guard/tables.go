package guard

import "strings"

// set makes a table of the words of its texts.
func set(texts ...string) map[string]bool {
	all := map[string]bool{}
	for _, t := range texts {
		for _, w := range strings.Fields(t) {
			all[w] = true
		}
	}
	return all
}

// Domains.
var (
	// examples stand for any domain: RFC 2606 and 6761, and the companies that
	// Microsoft's documentation made up.
	examples = set("example.com example.org example.net example.edu example invalid test localhost",
		"domain.com yourdomain.com mydomain.com company.com yourcompany.com domainname.com domain.local",
		"contoso.com contoso.local contoso.onmicrosoft.com fabrikam.com adatum.com northwindtraders.com woodgrovebank.com tailspintoys.com")
	// documentation is read by everybody, whatever the path.
	documentation = set("mitre.org nist.gov cve.org first.org cisa.gov oasis-open.org owasp.org ietf.org rfc-editor.org iana.org icann.org w3.org wikipedia.org",
		"learn.microsoft.com docs.microsoft.com msdn.microsoft.com technet.microsoft.com support.microsoft.com devblogs.microsoft.com schemas.microsoft.com",
		"developer.apple.com support.apple.com developer.android.com source.android.com schemas.android.com developer.mozilla.org docs.github.com",
		"docs.aws.amazon.com cloud.google.com developers.google.com docs.oracle.com docs.python.org nodejs.org go.dev pkg.go.dev docs.docker.com kubernetes.io",
		"man7.org kernel.org docs.vmware.com techdocs.broadcom.com access.redhat.com docs.redhat.com help.ubuntu.com wiki.archlinux.org ss64.com",
		"lolbas-project.github.io gtfobins.github.io misp-project.org schemas.xmlsoap.org docs.gitlab.com docs.openssl.org php.net postgresql.org",
		"support.google.com techcommunity.microsoft.com msrc.microsoft.com apache.org debian.org gnu.org openssl.org samba.org python.org perl.org cert.org us-cert.gov ncsc.gov.uk europa.eu bund.de schema.org json-schema.org chromium.org jenkins.io",
		"graph.microsoft.com admin.googleapis.com cloudidentity.googleapis.com compute.googleapis.com management.azure.com ready.gov")
	// services are named as such; what is below them belongs to somebody.
	services = set("github.com gitlab.com bitbucket.org githubusercontent.com github.io pastebin.com dropbox.com box.com google.com googleapis.com gmail.com youtube.com",
		"microsoft.com microsoftonline.com windows.com windows.net windowsupdate.com azure.com office.com office365.com outlook.com live.com sharepoint.com onmicrosoft.com bing.com linkedin.com",
		"apple.com icloud.com amazon.com amazonaws.com cloudflare.com telegram.org t.me discord.com slack.com twitter.com x.com facebook.com instagram.com whatsapp.com signal.org",
		"yahoo.com reddit.com mozilla.org virustotal.com shodan.io npmjs.com pypi.org docker.com docker.io salesforce.com adobe.com zoom.us atlassian.net wordpress.com wordpress.org")
	everyones = func() map[string]verdict {
		all := map[string]verdict{}
		for v, domains := range map[verdict]map[string]bool{harmless: examples, aDocument: documentation, aService: services} {
			for d := range domains {
				all[d] = v
			}
		}
		return all
	}()
	// entrance are the hosts of a service that are its own.
	entrance = set("www api login mail drive docs graph raw gist portal accounts hub registry web smtp imap outlook download update management")

	// unlisted are top-level domains outside the public list.
	unlisted = set("onion i2p bit bazar coin emc lib eth")
	// private are those of networks that are nobody else's.
	private = set("local lan corp internal intra intranet localdomain priv home")
	// classic are those that people know, so that chains of words with one are
	// taken for domains even where prose is written so.
	classic = set("com net org info biz ru su cn top xyz online site club io co pw cc tk de uk eu icu live onion gov edu fr ir kp ua pl nl ch br")
	// extensions are top-level domains and ends of files as well.
	extensions = set("foo bar hiv fox data ax target py sh zip mov app so ps pm am cab cat pub inc do as java mk")
	// rareExtensions are more often domains.
	rareExtensions = set("pl rs md la st ml")
	// members are top-level domains and members of objects as well.
	members = set("name run call map select shell network security management search open read save host page date show play post ping id group style email download report events active link watch new services")
	// codeRoots begin names in programs.
	codeRoots = set("system java javax jdk sun android androidx kotlin kotlinx dalvik os sys self this window document navigator console math json process module exports request response event subprocess string array object wscript shell activex adodb scripting socket rc libc")
	// reversed begin names of packages, which are domains from the other end.
	reversed    = set("com org net io edu de me app dev ru cn fr jp kr br eu pl nl")
	frameworks  = set("asp.net vb.net ado.net ml.net c.net passport.net socket.io draw.io")
	dosPrograms = set("command.com more.com tree.com format.com net.com mode.com chcp.com diskcopy.com diskcomp.com edit.com graftabl.com kb16.com loadfix.com win.com autorun.com")
	systemFiles = set("rc.local settings.local config.local")
	articles    = set("the a an this that any each every some of in and or to use using with as ms microsoft polka product no")
)

// Around what may be an address.
var (
	schemes = set("http https ftp ftps sftp ssh telnet smb ldap ldaps rdp vnc tcp udp ws wss socks socks4 socks5 dns mongodb mysql postgres postgresql redis amqp mqtt irc ircs git svn rsync nfs rtsp sip sips gopher tftp webdav dav davs")
	hosting = set("domain domains site sites website websites host hostname c2 c&c dns resolve resolves resolved beacon beacons beaconed server servers subdomain visit visits visited contacts url")
	// places stand before "at" where a host follows and not an address.
	places = set("at is was site server servers page pages host look point points available found seen reached online domain live lives arrives connects")
	// versionWords stand before versions, near or next to them.
	versionWords = set("version versions ver v build builds release releases released revision rev edition update updates updated upgrade upgraded upgrading patch patched firmware section sections chapter clause paragraph requirement annex appendix table figure oid fixed")
	// versioned are products whose versions have four numbers.
	versioned = union(versionWords, set("c tls ssl smb windows android ios macos linux kernel chrome chromium firefox edge safari exchange office excel word outlook java jdk jre openssl php apache nginx tomcat jenkins vmware vcenter esxi fortios panos citrix flash reader acrobat framework python perl ruby driver sdk api agent client library plugin module powershell wordpress confluence jira anydesk teamviewer winrar oracle sap adobe cobalt strike metasploit"))
	comparing = set("below before above prior since than through up older newer")
	signing   = set("in on into running runs run authenticated logon login session")
	linking   = set("is was are of to than through until and or number from in between as only")
	calling   = set("phone telephone tel call calls called calling dial dials ring mobile cell fax hotline whatsapp sms telefon texted")
)

// Users and machines.
var (
	userWords    = set("user users username account accounts login logon employee colleague operator administrator owner")
	hostWords    = set("computername machinename devicename workstationname host hostname server workstation computer machine laptop controller client endpoint node")
	callingWords = set("name named called is was id account for")
	// properWords are words that are written large beside user and its like.
	properWords = set("credential credentials account accounts interface access mode agent control execution data name names directory group groups policy profile service services type the this windows active microsoft azure google remote local domain manager management api key keys input system true false null none")
	// builtin are accounts that are everywhere.
	builtin = set("administrator administrators admin admins root system guest guests default public krbtgt nobody www-data everyone localservice networkservice defaultaccount wdagutilityaccount sa oracle postgres mysql ubuntu ec2-user vagrant pi kali aspnet iusr shared defaultuser0 daemon bin users authenticated interactive all trustedinstaller nt-authority anonymous local service network iis_iusrs msol_ git www apache nginx tomcat jenkins")
	// placeholders stand for any name.
	placeholders = set("user username users name account domain server host hostname computer computername computer_name machine machinename target remote client victim attacker example test contoso fabrikam mydomain yourdomain domainname domain_name ip ipaddress ip_address address share dc password pass workgroup myuser your_user user_name targetuser target_user targetdomain loggedonuser someone me you foo bar names x xx xxx xyz userprofile sharename servername fileserver smbserver remotehost remote_host")
	systemShares = set("localhost tsclient wsl wsl$ ? . unc pipe device systemroot windows system32 globalroot mailslot software registry system")
	// roots begin paths of the registry and of folders, not domains with users.
	roots         = set("hklm hkcu hku hkcr hkcc hkey hkey_local_machine hkey_current_user hkey_users hkey_classes_root hkey_current_config software system sam security windows winnt system32 syswow64 programdata nt builtin authority service root machine sysvol netlogon drivers clsid policies classes local appdata temp tmp tasks microsoft explorer run runonce users public desktop documents wow6432node currentversion controlset001 currentcontrolset services print lsa winlogon ntds iis apppool font virtual spool bin debug release program files wbem environment control session manager registry device harddisk admin$ c$ ipc$ cimv2 default")
	fileEnds      = set("exe dll sys bat cmd ps1 psm1 vbs vbe js jse wsf hta lnk scr cpl ocx txt log dat ini inf cfg conf config xml json doc docx docm xls xlsx xlsm ppt pptx pdf rtf rar 7z gz tar iso img bin tmp db dit msi msc reg plist dylib jar class c cpp h cs go html htm php asp aspx jsp png jpg gif")
	accountStarts = []string{"svc-", "adm-", "sa-", "srv-", "admin-", "user-", "backup-"}
	// common words begin names of machines and other things as well.
	common          = set("web mail app file print client server desktop laptop backup ad pc vm lt ts")
	machineEnds     = []string{"srv", "svr", "dc", "wks", "sql", "fs", "exch"}
	numberedBuiltin = set("user admin test guest")
	machineStarts   = set("srv ws wks pc dc fs sql exch nb lt vm esx hv web mail app db filesrv file print prn server client desktop laptop ts rds citrix ctx vpn fw sw esxi wkst mx ns gw bak backup ad")
	technical       = set("iis sql x windows sha aes rc utf tls ssl http smb ntlm md base win mp id ipv ip tcp udp port vm ec arm amd power mac os r v ver version ps http2 log4j oauth saml usb lte")
)

// Names.
var (
	legalForms = set("ag gmbh ltd inc llc sa nv bv plc se corp co oy ab as spa srl kg ev limited corporation company sarl")
	// ownSide is what the writer's own side has.
	ownSide  = set("company companies organization organisation organizations organisations network networks customer customers client clients employee employees staff environment environments bank hospital ministry agency incident infrastructure servers systems colleagues headquarters subsidiary subsidiaries banks hospitals branch branches datacenter office offices premises helpdesk soc users tenant enterprise plant factory university institution")
	passive  = set("were was got have had been be are also recently then all both")
	suffered = set("hit breached compromised attacked encrypted infected hacked phished extorted ransomed targeted")
	ownWords = set("own internal corporate entire main largest biggest local production it ot s parent former german french european whole national")
	// markings of others than the Traffic Light Protocol: all are stricter.
	markings = []string{"VS-NfD", "VS-Nur für den Dienstgebrauch", "NATO RESTRICTED", "NATO CONFIDENTIAL", "NATO SECRET", "RESTREINT UE", "EU RESTRICTED", "EU CONFIDENTIAL", "EU SECRET",
		"NOFORN", "FOUO", "for official use only", "company confidential", "strictly confidential", "internal use only", "not for distribution", "do not distribute", "do not forward", "PAP:RED", "PAP:AMBER", "FOR YOUR EYES ONLY", "TOP SECRET", "OFFICIAL-SENSITIVE", "not for public release"}
)

// Numbers.
var (
	// ibanLengths is how long an IBAN of a country is, by SWIFT's registry.
	ibanLengths = lengths("no 15 be 16 dk fi fo gl nl 18 mk si 19 at ba ee kz lt lu xk 20 cr ch hr li lv 21 bg bh de gb ge ie me rs va 22 ae gi il iq tl 23 ad cz es md pk ro sa se sk tn vg 24 lc pt st 25 is tr 26 fr gr it mc mr sm 27 al az by cy do gt hu lb pl sv 28 br eg ps qa ua 29 jo kw mu 30 mt sc 31")
	// twoDigitCodes are the country codes of two digits.
	twoDigitCodes = func() map[int]bool {
		all := map[int]bool{}
		for _, n := range [...]int{20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98} {
			all[n] = true
		}
		return all
	}()
)

func union(all ...map[string]bool) map[string]bool {
	out := map[string]bool{}
	for _, one := range all {
		for w := range one {
			out[w] = true
		}
	}
	return out
}

// lengths reads countries, each list of them followed by their length.
func lengths(text string) map[string]int {
	all := map[string]int{}
	var countries []string
	for _, w := range strings.Fields(text) {
		if w[0] > '9' {
			countries = append(countries, w)
			continue
		}
		for _, c := range countries {
			all[c] = int(w[0]-'0')*10 + int(w[1]-'0')
		}
		countries = nil
	}
	return all
}
