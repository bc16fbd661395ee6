<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko_KR" sourcelanguage="en">
  <context>
    <name>QFileDialog</name>
    <message>
      <source>&amp;Look in:</source>
      <translation>찾는 위치(&amp;L):</translation>
    </message>
    <message>
      <source>&amp;File name:</source>
      <translation>파일 이름(&amp;N):</translation>
    </message>
    <message>
      <source>Files of &amp;type:</source>
      <translation>파일 형식(&amp;T):</translation>
    </message>
    <message>
      <source>&amp;Directory:</source>
      <translation>폴더(&amp;D):</translation>
    </message>
    <message>
      <source>Unable to create directory</source>
      <translation>폴더를 만들 수 없습니다</translation>
    </message>
  </context>
  <context>
    <name>QFileSystemModel</name>
    <message>
      <source>&lt;b&gt;The name "%1" cannot be used.&lt;/b&gt;</source>
      <translation>&lt;b&gt;“%1”은(는) 쓸 수 없는 이름입니다.&lt;/b&gt;</translation>
    </message>
  </context>
  <context>
    <name>QAbstractFileIconProvider</name>
    <message>
      <source>Drive</source>
      <translation>드라이브</translation>
    </message>
    <message>
      <source>File</source>
      <translation>파일</translation>
    </message>
    <message>
      <source>Folder</source>
      <translation>폴더</translation>
    </message>
    <message>
      <source>%1 File</source>
      <translation>%1 파일</translation>
    </message>
    <message>
      <source>File Folder</source>
      <translation>폴더</translation>
    </message>
    <message>
      <source>Alias</source>
      <translation>바로 가기</translation>
    </message>
    <message>
      <source>Shortcut</source>
      <translation>바로 가기</translation>
    </message>
    <message>
      <source>Unknown</source>
      <translation>알 수 없음</translation>
    </message>
  </context>
</TS>
