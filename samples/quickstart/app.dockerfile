FROM quickstart-base
COPY site/ /var/www/
