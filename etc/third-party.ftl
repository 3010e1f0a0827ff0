<#-- One line per bundled jar: file name, coordinates, licences as its POM names them, home page. -->
Keyway bundles these libraries, unchanged. Where two licences stand, either may be chosen.

<#list dependencyMap as entry>
<#assign library = entry.getKey()/>
${library.artifactId}-${library.version}.jar | ${library.groupId}:${library.artifactId}:${library.version} | <#list entry.getValue() as licence>${licence}<#sep> or </#list><#if (library.url)??> | ${library.url}</#if>
</#list>
