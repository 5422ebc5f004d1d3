// Command certs is the Go half of certs.test.ts: it makes certificates with the fields that the wire protocol states, or checks
// those in a directory and serves one TLS connection with them. Standard library only.
package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("usage: certs make|check|serve DIR NAME"))
	}
	mode, dir, name := os.Args[1], os.Args[2], os.Args[3]
	switch mode {
	case "make":
		makeAll(dir, name)
	case "check":
		check(dir, name)
	case "serve":
		serve(dir, name)
	}
}

func makeAll(dir, name string) {
	authority := &x509.Certificate{
		Subject:               subject("Orchestra CA"),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLen:            1,
	}
	authorityKey := sign(dir, "ca", authority, authority, nil)
	// What issues is the parsed certificate: it has the key identifier.
	authority, _ = load(dir, "ca")
	leaf := &x509.Certificate{
		Subject:     subject(name),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{name, "localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	sign(dir, name, leaf, authority, authorityKey)
}

func sign(dir, name string, template, issuer *x509.Certificate, issuerKey ed25519.PrivateKey) ed25519.PrivateKey {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	fail(err)
	if issuerKey == nil {
		issuerKey = private
	}
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	fail(err)
	template.NotBefore = time.Now().Add(-time.Minute)
	template.NotAfter = time.Now().AddDate(1, 0, 0)
	certificate, err := x509.CreateCertificate(rand.Reader, template, issuer, public, issuerKey)
	fail(err)
	key, err := x509.MarshalPKCS8PrivateKey(private)
	fail(err)
	write(filepath.Join(dir, name+".crt"), "CERTIFICATE", certificate)
	write(filepath.Join(dir, name+".key"), "PRIVATE KEY", key)
	return private
}

// check loads the authority with its key, and the leaf, and verifies the chain for every use and address.
func check(dir, name string) {
	authority, pool := load(dir, "ca")
	if !authority.IsCA || authority.MaxPathLen != 1 || authority.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign {
		fail(fmt.Errorf("ca.crt has the wrong constraints"))
	}
	_, err := tls.LoadX509KeyPair(filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key"))
	fail(err)
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key"))
	fail(err)
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	fail(err)
	for _, host := range []string{"localhost", "127.0.0.1", "::1", name} {
		for _, use := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
			_, err = leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: host, KeyUsages: []x509.ExtKeyUsage{use}})
			fail(err)
		}
	}
	fmt.Printf("%s %s\n", leaf.Subject.CommonName, authority.Subject.CommonName)
}

// serve accepts one connection, tells the client its own name, and ends.
func serve(dir, name string) {
	_, pool := load(dir, "ca")
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key"))
	fail(err)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{pair},
		ClientCAs:    pool,
		ClientAuth:   tls.RequireAndVerifyClientCert,
		MinVersion:   tls.VersionTLS13,
		NextProtos:   []string{"orchestra-plugin"},
	})
	fail(err)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	connection, err := listener.Accept()
	fail(err)
	fail(connection.SetDeadline(time.Now().Add(20 * time.Second)))
	fail(connection.(*tls.Conn).Handshake())
	client := connection.(*tls.Conn).ConnectionState().PeerCertificates[0]
	_, err = fmt.Fprintf(connection, "%s\n", client.Subject.CommonName)
	fail(err)
	fail(connection.Close())
}

func load(dir, name string) (*x509.Certificate, *x509.CertPool) {
	text, err := os.ReadFile(filepath.Join(dir, name+".crt"))
	fail(err)
	block, _ := pem.Decode(text)
	if block == nil {
		fail(fmt.Errorf("%s.crt is no PEM", name))
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	fail(err)
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	return certificate, pool
}

func subject(name string) pkix.Name {
	return pkix.Name{Organization: []string{"Orchestra"}, CommonName: name}
}

func write(path, kind string, bytes []byte) {
	fail(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
