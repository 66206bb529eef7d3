# A web server and nothing else: one static binary, so that no registry is needed.
FROM scratch
COPY rootfs/ /
COPY banner.txt /var/www/banner.txt
ENTRYPOINT ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/var/www"]
