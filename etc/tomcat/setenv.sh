# bin/setenv.sh of a Tomcat that runs keyway.war; the tests run with exactly this file.
# An exhausted heap ends the process, so that what supervises it starts it again.
CATALINA_OPTS="-XX:MaxRAMPercentage=50 -XX:+ExitOnOutOfMemoryError $CATALINA_OPTS"
# What is exported here counts for every gateway of this Tomcat; the .env file in a home folder is one gateway's.
