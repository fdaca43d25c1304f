package main

import (
	"net"
	"net/mail"
	"os"
	"strings"

	"github.com/atelier-attack/atelier/app/notify"
	"github.com/atelier-attack/atelier/realtime/fault"
)

// mailFlags say through which server mail is sent.
type mailFlags struct {
	SMTP             string `name:"smtp" help:"Mail server through which people are sent what waits for them. Empty: no mail is sent." env:"ATELIER_SMTP" placeholder:"HOST:PORT"`
	SMTPTLS          string `name:"smtp-tls" help:"How it is spoken to: starttls, tls or none." enum:"starttls,tls,none" default:"starttls" env:"ATELIER_SMTP_TLS" placeholder:"HOW"`
	SMTPUser         string `name:"smtp-user" help:"Name by which it knows this server." env:"ATELIER_SMTP_USER" placeholder:"NAME"`
	SMTPPassword     string `name:"smtp-password" help:"Password for it. Others on this machine see flags: better the variable, or a file." env:"ATELIER_SMTP_PASSWORD" placeholder:"SECRET"`
	SMTPPasswordFile string `name:"smtp-password-file" help:"File with the password for it." env:"ATELIER_SMTP_PASSWORD_FILE" placeholder:"FILE"`
	MailFrom         string `name:"mail-from" help:"Address that mail comes from." env:"ATELIER_MAIL_FROM" placeholder:"ADDRESS"`
}

// server gives the server that sends mail; nil: there is none.
func (f mailFlags) server() (*notify.SMTP, error) {
	if f.SMTP == "" {
		return nil, nil
	}
	if _, port, err := net.SplitHostPort(f.SMTP); err != nil || port == "" {
		return nil, fault.New(fault.Invalid, "%q is no mail server: give HOST:PORT with --smtp, such as mail.example.org:587.", f.SMTP)
	}
	if a, err := mail.ParseAddress(f.MailFrom); err != nil || a.Address != f.MailFrom {
		return nil, fault.New(fault.Invalid, "Give the address that mail comes from with --mail-from, such as atelier@example.org.")
	}
	password := f.SMTPPassword
	if f.SMTPPasswordFile != "" {
		text, err := os.ReadFile(f.SMTPPasswordFile)
		if err != nil {
			return nil, fault.New(fault.Invalid, "The file of --smtp-password-file cannot be read.").Because(err)
		}
		password = strings.TrimRight(string(text), "\r\n")
	}
	return &notify.SMTP{Address: f.SMTP, TLS: f.SMTPTLS, User: f.SMTPUser, Password: password, From: f.MailFrom}, nil
}
