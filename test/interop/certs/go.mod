module orchestra.test/certs

go 1.22
