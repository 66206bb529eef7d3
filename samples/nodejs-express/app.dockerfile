FROM nodejs-express-base-image
COPY app/ /var/www/app/
EXPOSE 3000
USER 1000
CMD ["node", "/var/www/app/server.js"]
