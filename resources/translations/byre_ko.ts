<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko_KR" sourcelanguage="en">
  <context>
    <name>byre</name>
    <message numerus="yes">
      <source>%n damaged pages could not be read</source>
      <translation>
        <numerusform>손상된 페이지 %n개를 읽지 못했습니다</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n days</source>
      <translation>
        <numerusform>%n일</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n devices</source>
      <translation>
        <numerusform>기기 %n대</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n devices are told to erase it</source>
      <translation>
        <numerusform>기기 %n대에 지우라고 알립니다</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n devices of yours</source>
      <translation>
        <numerusform>내 기기 %n대</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n envelopes wait there; they die when your devices fetch them</source>
      <translation>
        <numerusform>봉투 %n개가 기다립니다. 내 기기가 받아 갈 때 사라집니다</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n found</source>
      <translation>
        <numerusform>%n건</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n hours</source>
      <translation>
        <numerusform>%n시간</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n members</source>
      <translation>
        <numerusform>구성원 %n명</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n messages</source>
      <translation>
        <numerusform>메시지 %n개</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n messages could not be read</source>
      <translation>
        <numerusform>메시지 %n개는 읽지 못했습니다</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n messages were read from the damaged file</source>
      <translation>
        <numerusform>손상된 파일에서 메시지 %n개를 읽었습니다</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n minutes</source>
      <translation>
        <numerusform>%n분</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n more came from the last snapshot</source>
      <translation>
        <numerusform>마지막 스냅숏에서 %n개를 더 찾았습니다</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n new</source>
      <translation>
        <numerusform>새 메시지 %n개</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n not read</source>
      <translation>
        <numerusform>%n명 안 읽음</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n not verified yet</source>
      <translation>
        <numerusform>아직 확인 안 된 사람 %n명</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n of your messages wait there</source>
      <translation>
        <numerusform>내가 보낸 메시지 %n개가 기다립니다</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n other devices of yours are told, too</source>
      <translation>
        <numerusform>내 다른 기기 %n대에도 지우라고 알립니다</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n people</source>
      <translation>
        <numerusform>%n명</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n seconds</source>
      <translation>
        <numerusform>%n초</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n tries left</source>
      <translation>
        <numerusform>남은 시도 %n번</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n unread</source>
      <translation>
        <numerusform>안 읽음 %n개</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n waiting on this PC · sent in order once connected</source>
      <translation>
        <numerusform>%n개가 이 PC에서 기다립니다 · 연결되면 순서대로 보냅니다</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n waiting on this phone · sent in order once connected</source>
      <translation>
        <numerusform>%n개가 이 휴대전화에서 기다립니다 · 연결되면 순서대로 보냅니다</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n weeks</source>
      <translation>
        <numerusform>%n주</numerusform>
      </translation>
    </message>
    <message>
      <source>64 hexadecimal digits</source>
      <translation>16진수 64자리</translation>
    </message>
    <message>
      <source>A PC of yours wants to erase a conversation</source>
      <translation>내 PC가 대화 하나를 지우려고 합니다</translation>
    </message>
    <message>
      <source>A PC was linked: {name}</source>
      <translation>PC가 연결됐습니다: {name}</translation>
    </message>
    <message>
      <source>A backup is this device in one encrypted file: its keys, conversations and messages.</source>
      <translation>백업은 이 기기의 열쇠, 대화, 메시지를 담은 암호화된 파일 하나입니다.</translation>
    </message>
    <message>
      <source>A device of everybody has it.</source>
      <translation>모두의 기기에 도착했습니다.</translation>
    </message>
    <message numerus="yes">
      <source>A device of everybody has it. %n have not read it.</source>
      <translation>
        <numerusform>모두의 기기에 도착했습니다. %n명이 안 읽었습니다.</numerusform>
      </translation>
    </message>
    <message>
      <source>A disk and key that somebody copied before</source>
      <translation>지우기 전에 누가 복사해 둔 디스크와 열쇠</translation>
    </message>
    <message>
      <source>A hibernation image, and backups that hold the key</source>
      <translation>최대 절전 파일, 그리고 열쇠가 든 백업</translation>
    </message>
    <message>
      <source>A key has changed</source>
      <translation>키가 바뀌었습니다</translation>
    </message>
    <message>
      <source>A key store that lies in a file is only as good as the login password</source>
      <translation>파일에 있는 열쇠 저장소는 로그인 암호만큼만 안전합니다</translation>
    </message>
    <message>
      <source>A message could not be decrypted</source>
      <translation>메시지 하나를 풀지 못했습니다</translation>
    </message>
    <message>
      <source>A messenger that only the people talking can read.</source>
      <translation>대화하는 사람들의 기기에서만 읽을 수 있는 메신저입니다.</translation>
    </message>
    <message>
      <source>A name has 2 to 32 letters, digits, dots or underscores of one script.</source>
      <translation>아이디는 한 가지 문자와 숫자, 점, 밑줄로 2~32자입니다.</translation>
    </message>
    <message>
      <source>A new PC is linked by the QR code that its first screen shows to your phone.</source>
      <translation>새 PC는 그 PC의 첫 화면에 나오는 QR 코드를 휴대전화로 비춰 연결합니다.</translation>
    </message>
    <message>
      <source>A new key has taken over, the old key was destroyed</source>
      <translation>새 열쇠로 바꾸고 옛 열쇠를 없앴습니다</translation>
    </message>
    <message>
      <source>A new key takes over, the old key is destroyed</source>
      <translation>새 열쇠로 바꾸고 옛 열쇠를 없앱니다</translation>
    </message>
    <message>
      <source>A private authority is believed, too</source>
      <translation>사설 인증 기관을 함께 신뢰합니다</translation>
    </message>
    <message>
      <source>A relay that is named here may show this one certificate only, whoever vouches for another.</source>
      <translation>여기에 적은 릴레이는 이 인증서일 때만 믿습니다. 누가 보증해도 다른 인증서는 거부합니다.</translation>
    </message>
    <message>
      <source>A stolen copy of the files then opens with neither of the two alone.</source>
      <translation>그러면 훔친 파일 사본은 둘 중 하나만으로는 열리지 않습니다.</translation>
    </message>
    <message>
      <source>A wipe does not reach the file. Messages that disappear are not in it.</source>
      <translation>지우기는 이 파일에 미치지 않습니다. 사라지는 메시지는 들어 있지 않습니다.</translation>
    </message>
    <message numerus="yes">
      <source>About %n s left</source>
      <translation>
        <numerusform>약 %n초 남음</numerusform>
      </translation>
    </message>
    <message>
      <source>About and licences</source>
      <translation>정보와 라이선스</translation>
    </message>
    <message>
      <source>Accept</source>
      <translation>수락</translation>
    </message>
    <message>
      <source>Account</source>
      <translation>계정</translation>
    </message>
    <message>
      <source>Add</source>
      <translation>추가</translation>
    </message>
    <message>
      <source>Add a friend</source>
      <translation>친구 추가</translation>
    </message>
    <message>
      <source>Address of the proxy</source>
      <translation>프록시 주소</translation>
    </message>
    <message>
      <source>Admin</source>
      <translation>관리자</translation>
    </message>
    <message numerus="yes">
      <source>After %n minutes</source>
      <translation>
        <numerusform>%n분 뒤 잠그기</numerusform>
      </translation>
    </message>
    <message>
      <source>After how long</source>
      <translation>사라지기까지 걸리는 시간</translation>
    </message>
    <message>
      <source>All</source>
      <translation>전체</translation>
    </message>
    <message numerus="yes">
      <source>All %n other devices have answered that they erased it</source>
      <translation>
        <numerusform>다른 %n대 모두 지웠다고 답함</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>All %n verified</source>
      <translation>
        <numerusform>%n명 모두 확인됨</numerusform>
      </translation>
    </message>
    <message>
      <source>All conversations of this account are erased here, with their keys. This cannot be undone.</source>
      <translation>이 계정의 모든 대화와 그 열쇠를 이 기기에서 지웁니다. 되돌릴 수 없습니다.</translation>
    </message>
    <message>
      <source>All rooms</source>
      <translation>모든 방</translation>
    </message>
    <message>
      <source>All verified</source>
      <translation>모두 확인됨</translation>
    </message>
    <message>
      <source>An older copy of the key at the phone or relay, until it is replaced</source>
      <translation>바뀌기 전까지 휴대전화나 릴레이에 남는 이전 열쇠 사본</translation>
    </message>
    <message>
      <source>Another time: {time}…</source>
      <translation>직접 입력: {time}…</translation>
    </message>
    <message>
      <source>Another time…</source>
      <translation>직접 입력…</translation>
    </message>
    <message>
      <source>Any time</source>
      <translation>전체 기간</translation>
    </message>
    <message>
      <source>Anybody</source>
      <translation>모든 사람</translation>
    </message>
    <message>
      <source>Are asked to erase it</source>
      <translation>지워 달라고 요청받습니다</translation>
    </message>
    <message>
      <source>Ask the others' devices to erase it, too</source>
      <translation>상대 기기에도 지워 달라고 요청하기</translation>
    </message>
    <message>
      <source>Asking the relay</source>
      <translation>릴레이에 묻고 있습니다</translation>
    </message>
    <message>
      <source>At least 8 characters.</source>
      <translation>8자 이상 입력하세요.</translation>
    </message>
    <message>
      <source>Attachments and their keys</source>
      <translation>첨부 파일과 그 키</translation>
    </message>
    <message>
      <source>Back</source>
      <translation>뒤로</translation>
    </message>
    <message>
      <source>Backup</source>
      <translation>백업</translation>
    </message>
    <message>
      <source>Backups and snapshots that hold the key</source>
      <translation>열쇠가 든 백업과 스냅샷</translation>
    </message>
    <message>
      <source>Begin with the first conversation</source>
      <translation>첫 대화를 시작해 보세요</translation>
    </message>
    <message>
      <source>Both codes show the same number: verified.</source>
      <translation>두 코드의 번호가 같습니다. 확인됐습니다.</translation>
    </message>
    <message>
      <source>Bring back what can be read?</source>
      <translation>읽을 수 있는 것을 되살릴까요?</translation>
    </message>
    <message>
      <source>Bring back what can be read…</source>
      <translation>읽을 수 있는 것 되살리기…</translation>
    </message>
    <message>
      <source>Bring it back</source>
      <translation>되살리기</translation>
    </message>
    <message>
      <source>Byre</source>
      <translation>외양간</translation>
    </message>
    <message>
      <source>Byre could not open your conversations</source>
      <translation>대화를 열지 못했습니다</translation>
    </message>
    <message>
      <source>Bytes of the profile folder</source>
      <translation>프로필 폴더의 바이트</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>취소</translation>
    </message>
    <message>
      <source>Caps Lock is on.</source>
      <translation>Caps Lock이 켜져 있습니다.</translation>
    </message>
    <message>
      <source>Change</source>
      <translation>바꾸기</translation>
    </message>
    <message>
      <source>Change how Byre is locked</source>
      <translation>잠금 방식 바꾸기</translation>
    </message>
    <message>
      <source>Change how Byre is locked…</source>
      <translation>잠금 방식 바꾸기…</translation>
    </message>
    <message>
      <source>Chat</source>
      <translation>1:1 채팅</translation>
    </message>
    <message>
      <source>Chats</source>
      <translation>채팅</translation>
    </message>
    <message>
      <source>Check a picture of their QR code…</source>
      <translation>상대 QR 코드 사진으로 확인…</translation>
    </message>
    <message>
      <source>Checked</source>
      <translation>검사한 것</translation>
    </message>
    <message>
      <source>Choose a conversation</source>
      <translation>대화를 골라 주세요</translation>
    </message>
    <message>
      <source>Choose a file…</source>
      <translation>파일 선택…</translation>
    </message>
    <message>
      <source>Choose a friend or write a handle. Several people make a group.</source>
      <translation>친구를 고르거나 아이디를 입력하세요. 여러 명을 넣으면 그룹이 됩니다.</translation>
    </message>
    <message>
      <source>Choose a passphrase</source>
      <translation>암호 정하기</translation>
    </message>
    <message>
      <source>Choose a passphrase, the key store, or both.</source>
      <translation>암호와 열쇠 저장소 가운데 하나는 써야 합니다.</translation>
    </message>
    <message>
      <source>Choose a picture of the code</source>
      <translation>코드 사진 선택</translation>
    </message>
    <message>
      <source>Choose days…</source>
      <translation>기간 선택…</translation>
    </message>
    <message>
      <source>Choose the CA file</source>
      <translation>인증 기관 파일 선택</translation>
    </message>
    <message>
      <source>Choose the backup</source>
      <translation>백업 선택</translation>
    </message>
    <message>
      <source>Choose the first and the last day.</source>
      <translation>첫날과 마지막 날을 고르세요.</translation>
    </message>
    <message>
      <source>Clear</source>
      <translation>지우기</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>닫기</translation>
    </message>
    <message>
      <source>Close the search</source>
      <translation>검색 닫기</translation>
    </message>
    <message>
      <source>Close the window only</source>
      <translation>창만 닫기</translation>
    </message>
    <message>
      <source>Code of the backup</source>
      <translation>백업 코드</translation>
    </message>
    <message>
      <source>Code of the backup: {code}</source>
      <translation>백업 코드: {code}</translation>
    </message>
    <message>
      <source>Coming back into this room. Messages wait until then.</source>
      <translation>이 방에 다시 들어가는 중입니다. 메시지는 그때까지 기다립니다.</translation>
    </message>
    <message>
      <source>Compare every letter. Until you answer, nothing is stored on this PC.</source>
      <translation>철자까지 같은지 보세요. 답하기 전에는 이 PC에 아무것도 저장하지 않습니다.</translation>
    </message>
    <message>
      <source>Compare safety number</source>
      <translation>보안 번호 비교</translation>
    </message>
    <message>
      <source>Compare safety numbers when you meet or by voice</source>
      <translation>만나거나 목소리로 보안 번호를 비교하세요</translation>
    </message>
    <message>
      <source>Confirm</source>
      <translation>확인</translation>
    </message>
    <message>
      <source>Connected</source>
      <translation>연결됨</translation>
    </message>
    <message>
      <source>Connection</source>
      <translation>연결 상태</translation>
    </message>
    <message>
      <source>Content</source>
      <translation>내용</translation>
    </message>
    <message>
      <source>Continue anyway</source>
      <translation>그래도 계속</translation>
    </message>
    <message>
      <source>Continue without comparing?</source>
      <translation>비교하지 않고 계속할까요?</translation>
    </message>
    <message>
      <source>Continue without comparing…</source>
      <translation>비교하지 않고 계속…</translation>
    </message>
    <message>
      <source>Conversation above</source>
      <translation>위쪽 대화</translation>
    </message>
    <message>
      <source>Conversation below</source>
      <translation>아래쪽 대화</translation>
    </message>
    <message>
      <source>Conversation info</source>
      <translation>대화 정보</translation>
    </message>
    <message>
      <source>Conversations</source>
      <translation>대화 목록</translation>
    </message>
    <message>
      <source>Conversations are stored encrypted on this PC</source>
      <translation>대화는 이 PC에 암호화해 저장합니다</translation>
    </message>
    <message>
      <source>Conversations are stored encrypted on this phone</source>
      <translation>대화는 이 휴대전화에 암호화해 저장합니다</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>복사</translation>
    </message>
    <message>
      <source>Copy message</source>
      <translation>메시지 복사</translation>
    </message>
    <message>
      <source>Copy selection</source>
      <translation>선택한 글 복사</translation>
    </message>
    <message>
      <source>Copy the link</source>
      <translation>링크 복사</translation>
    </message>
    <message>
      <source>Copy the link address</source>
      <translation>연결 주소 복사</translation>
    </message>
    <message>
      <source>Ctrl+Enter sends · Enter breaks the line</source>
      <translation>Ctrl+Enter 보내기 · Enter 줄바꿈</translation>
    </message>
    <message>
      <source>Dark</source>
      <translation>어둡게</translation>
    </message>
    <message>
      <source>Days</source>
      <translation>일</translation>
    </message>
    <message>
      <source>Decline</source>
      <translation>거절</translation>
    </message>
    <message>
      <source>Delivered</source>
      <translation>도착</translation>
    </message>
    <message>
      <source>Destroy everything</source>
      <translation>모두 없애기</translation>
    </message>
    <message>
      <source>Destroy everything on this device now?</source>
      <translation>지금 이 기기의 모든 것을 없앨까요?</translation>
    </message>
    <message>
      <source>Destroy everything on this device…</source>
      <translation>이 기기의 모든 것 없애기…</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>기기</translation>
    </message>
    <message>
      <source>Devices</source>
      <translation>기기</translation>
    </message>
    <message>
      <source>Digit {at} of six</source>
      <translation>여섯 자리 중 {at}</translation>
    </message>
    <message>
      <source>Disappearing messages</source>
      <translation>사라지는 메시지</translation>
    </message>
    <message>
      <source>Does my phone say this PC is linked to [[{address}]]?</source>
      <translation>내 휴대전화에 이 PC가 [[{address}]]에 연결됐다고 나옵니까?</translation>
    </message>
    <message>
      <source>Draft: {text}</source>
      <translation>작성 중: {text}</translation>
    </message>
    <message>
      <source>Drafts</source>
      <translation>작성 중인 글</translation>
    </message>
    <message>
      <source>Emoji</source>
      <translation>이모지</translation>
    </message>
    <message>
      <source>End-to-end encrypted</source>
      <translation>종단간 암호화</translation>
    </message>
    <message>
      <source>End-to-end encrypted · only the members of this room can read it</source>
      <translation>종단간 암호화 · 이 방의 구성원만 읽을 수 있습니다</translation>
    </message>
    <message>
      <source>Enter sends · Shift+Enter breaks the line</source>
      <translation>Enter 보내기 · Shift+Enter 줄바꿈</translation>
    </message>
    <message>
      <source>Enter the passphrase of this profile.</source>
      <translation>이 프로필의 암호를 입력하세요.</translation>
    </message>
    <message>
      <source>Enter the passphrase to open your conversations again.</source>
      <translation>암호를 입력하면 대화를 다시 엽니다.</translation>
    </message>
    <message>
      <source>Erase</source>
      <translation>지우기</translation>
    </message>
    <message>
      <source>Erase again</source>
      <translation>다시 지우기</translation>
    </message>
    <message>
      <source>Erase everything older than {date}?</source>
      <translation>{date} 이전 메시지를 모두 지울까요?</translation>
    </message>
    <message>
      <source>Erase everything on this PC?</source>
      <translation>이 PC의 모든 것을 지울까요?</translation>
    </message>
    <message>
      <source>Erase everything on this PC…</source>
      <translation>이 PC의 모든 것 지우기…</translation>
    </message>
    <message numerus="yes">
      <source>Erase here after %n days</source>
      <translation>
        <numerusform>%n일 뒤 이 기기에서 지우기</numerusform>
      </translation>
    </message>
    <message>
      <source>Erase now</source>
      <translation>지금 지우기</translation>
    </message>
    <message>
      <source>Erase on this device…</source>
      <translation>이 기기에서 지우기…</translation>
    </message>
    <message>
      <source>Erase this conversation without a trace</source>
      <translation>이 대화를 흔적 없이 지우기</translation>
    </message>
    <message>
      <source>Erase this conversation without a trace?</source>
      <translation>이 대화를 흔적 없이 지울까요?</translation>
    </message>
    <message>
      <source>Erase this message here?</source>
      <translation>이 메시지를 이 기기에서 지울까요?</translation>
    </message>
    <message>
      <source>Erase this person from this device…</source>
      <translation>이 사람을 이 기기에서 지우기…</translation>
    </message>
    <message>
      <source>Erase {name} from this device?</source>
      <translation>{name} 님을 이 기기에서 지울까요?</translation>
    </message>
    <message>
      <source>Erased</source>
      <translation>지운 것</translation>
    </message>
    <message>
      <source>Erased before it was sent</source>
      <translation>보내기 전에 지웠습니다</translation>
    </message>
    <message>
      <source>Erasing a contact</source>
      <translation>연락처를 지우는 중</translation>
    </message>
    <message>
      <source>Erasing a conversation makes a new store under a new key and checks that nothing is left.</source>
      <translation>대화를 지우면 새 열쇠로 새 저장소를 만들고 남은 것이 없는지 검사합니다.</translation>
    </message>
    <message>
      <source>Erasing did not finish</source>
      <translation>지우기를 끝내지 못했습니다</translation>
    </message>
    <message>
      <source>Erasing is under way</source>
      <translation>지우는 중</translation>
    </message>
    <message>
      <source>Erasing old messages</source>
      <translation>옛 메시지를 지우는 중</translation>
    </message>
    <message>
      <source>Erasing one conversation</source>
      <translation>대화 1개를 지우는 중</translation>
    </message>
    <message>
      <source>Every byte of the profile folder is checked again</source>
      <translation>프로필 폴더의 모든 바이트를 다시 검사합니다</translation>
    </message>
    <message>
      <source>Every message that can still be read is moved into a new store, and what is missing is taken from the last snapshot. The damaged file is set aside, not deleted.</source>
      <translation>아직 읽을 수 있는 메시지를 모두 새 저장소로 옮기고, 빠진 것은 마지막 스냅숏에서 가져옵니다. 손상된 파일은 지우지 않고 따로 둡니다.</translation>
    </message>
    <message>
      <source>Every page of the new store is checked</source>
      <translation>새 저장소의 모든 페이지를 검사합니다</translation>
    </message>
    <message>
      <source>Every page of the new store was checked</source>
      <translation>새 저장소의 모든 페이지를 검사했습니다</translation>
    </message>
    <message>
      <source>Everybody else has left this room</source>
      <translation>다른 사람이 모두 나갔습니다</translation>
    </message>
    <message>
      <source>Everybody has read it.</source>
      <translation>모두 읽었습니다.</translation>
    </message>
    <message>
      <source>Everybody in the room sees it, and who changed it.</source>
      <translation>방의 모두에게 보이며, 누가 바꿨는지도 남습니다.</translation>
    </message>
    <message>
      <source>Everything goes through it; it looks names up, as Tor does.</source>
      <translation>모든 연결이 프록시를 거치고, 이름도 프록시가 찾습니다(Tor처럼).</translation>
    </message>
    <message>
      <source>Everything is read and encrypted under a new code.</source>
      <translation>모든 것을 읽어 새 코드로 암호화합니다.</translation>
    </message>
    <message>
      <source>Everything is still there</source>
      <translation>모두 그대로 있습니다</translation>
    </message>
    <message>
      <source>Expired</source>
      <translation>기한 지남</translation>
    </message>
    <message>
      <source>Export the certificate</source>
      <translation>확인서 내보내기</translation>
    </message>
    <message>
      <source>Export…</source>
      <translation>내보내기…</translation>
    </message>
    <message>
      <source>Files of the profile folder</source>
      <translation>프로필 폴더의 파일</translation>
    </message>
    <message>
      <source>Files that were exported before</source>
      <translation>이미 내보낸 파일</translation>
    </message>
    <message>
      <source>Find by name</source>
      <translation>이름으로 찾기</translation>
    </message>
    <message>
      <source>First message</source>
      <translation>첫 메시지</translation>
    </message>
    <message>
      <source>For a relay whose certificate was not made by a public authority: its CA file (PEM).</source>
      <translation>공인 기관이 만들지 않은 인증서를 쓰는 릴레이를 위한 CA 파일(PEM)입니다.</translation>
    </message>
    <message>
      <source>For the primary device of the account. The code fetches a copy of the key from your relay.</source>
      <translation>계정의 기본 기기에서만 됩니다. 코드로 릴레이에서 열쇠 사본을 가져옵니다.</translation>
    </message>
    <message>
      <source>For the text of conversations and the field where you write.</source>
      <translation>대화의 글과 입력 칸에 적용됩니다.</translation>
    </message>
    <message>
      <source>Forgot the passphrase?</source>
      <translation>암호를 잊으셨나요?</translation>
    </message>
    <message>
      <source>Found in: {places}</source>
      <translation>나온 곳: {places}</translation>
    </message>
    <message>
      <source>Found messages</source>
      <translation>찾은 메시지</translation>
    </message>
    <message>
      <source>Frames of the write-ahead log</source>
      <translation>쓰기 로그(WAL)의 프레임</translation>
    </message>
    <message>
      <source>Friends</source>
      <translation>친구</translation>
    </message>
    <message>
      <source>From {shortest} to {longest}.</source>
      <translation>{shortest}부터 {longest}까지 정할 수 있습니다.</translation>
    </message>
    <message>
      <source>Get the key back from my phone…</source>
      <translation>휴대전화에서 열쇠 되찾기…</translation>
    </message>
    <message>
      <source>Get the key back from your phone</source>
      <translation>휴대전화에서 열쇠 되찾기</translation>
    </message>
    <message>
      <source>Give it the key</source>
      <translation>열쇠 돌려주기</translation>
    </message>
    <message>
      <source>Give your handle to the people you know, or write to theirs.</source>
      <translation>아는 사람에게 내 아이디를 알려 주거나, 상대의 아이디로 먼저 말을 거세요.</translation>
    </message>
    <message>
      <source>Go on with this device's list</source>
      <translation>이 기기의 목록으로 계속</translation>
    </message>
    <message>
      <source>Go to a date</source>
      <translation>날짜로 가기</translation>
    </message>
    <message>
      <source>Good to know</source>
      <translation>알아 두기</translation>
    </message>
    <message>
      <source>Groups</source>
      <translation>그룹</translation>
    </message>
    <message>
      <source>Handle</source>
      <translation>아이디</translation>
    </message>
    <message>
      <source>Hangul mode is on.</source>
      <translation>한글 입력 상태입니다.</translation>
    </message>
    <message>
      <source>Held by relay</source>
      <translation>릴레이가 맡음</translation>
    </message>
    <message>
      <source>Held copies die when my devices fetch them, at the latest when they expire</source>
      <translation>맡아 둔 봉투는 내 기기가 받아 갈 때, 늦어도 기한이 지나면 사라집니다</translation>
    </message>
    <message>
      <source>Hide the passphrase</source>
      <translation>암호 숨기기</translation>
    </message>
    <message>
      <source>Holds the account's key</source>
      <translation>계정의 키가 있는 기기</translation>
    </message>
    <message>
      <source>Hours</source>
      <translation>시간</translation>
    </message>
    <message>
      <source>I forgot the passphrase</source>
      <translation>암호를 잊었어요</translation>
    </message>
    <message>
      <source>I have a backup file…</source>
      <translation>백업 파일이 있어요…</translation>
    </message>
    <message>
      <source>I have a recovery code</source>
      <translation>복구 코드가 있어요</translation>
    </message>
    <message>
      <source>I have written it down</source>
      <translation>적어 두었어요</translation>
    </message>
    <message>
      <source>If somebody took this name, they will read what you write from now on. The room stays “not verified”.</source>
      <translation>누군가 이 이름을 가로챘다면 앞으로 쓰는 것을 그 사람이 읽게 됩니다. 방은 ‘확인 안 됨’으로 남습니다.</translation>
    </message>
    <message>
      <source>If this account is not yours, cancel. Tell nobody the digits. Whoever asks for them by phone or message is not Byre.</source>
      <translation>이 계정이 내 것이 아니면 취소하세요. 숫자는 다른 사람에게 알려 주지 마세요. 전화나 메시지로 숫자를 묻는 사람은 외양간이 아닙니다.</translation>
    </message>
    <message>
      <source>Images of the disk from before and after</source>
      <translation>지우기 전후에 뜬 디스크 사본</translation>
    </message>
    <message numerus="yes">
      <source>In %n minutes it is erased on all your devices. Undo it if that was not you.</source>
      <translation>
        <numerusform>%n분 뒤 내 모든 기기에서 지웁니다. 내가 한 일이 아니면 되돌리세요.</numerusform>
      </translation>
    </message>
    <message>
      <source>In all conversations on this device, without a trace. This cannot be undone.</source>
      <translation>이 기기의 모든 대화에서 흔적 없이 지웁니다. 되돌릴 수 없습니다.</translation>
    </message>
    <message>
      <source>In use now</source>
      <translation>지금 사용 중</translation>
    </message>
    <message>
      <source>Invite</source>
      <translation>초대</translation>
    </message>
    <message>
      <source>Invite people</source>
      <translation>사람 초대</translation>
    </message>
    <message>
      <source>It brings your account back if this device is lost. If somebody saw the paper, make a new one.</source>
      <translation>이 기기를 잃었을 때 계정을 되찾는 코드입니다. 누군가 종이를 봤다면 새로 만드세요.</translation>
    </message>
    <message>
      <source>It can no longer read or send with this account. What it already has stays on it.</source>
      <translation>이 계정으로 더는 읽거나 보낼 수 없습니다. 이미 가진 것은 그 기기에 남습니다.</translation>
    </message>
    <message>
      <source>It cannot be undone. If the app or the PC goes off now,
it is finished at the next start.</source>
      <translation>되돌릴 수 없습니다. 지금 앱을 끄거나 전원이 나가도 다음에 켤 때
이어서 끝까지 지웁니다.</translation>
    </message>
    <message>
      <source>It is a bare number, not a name.</source>
      <translation>이름이 아니라 숫자로만 된 주소입니다.</translation>
    </message>
    <message>
      <source>It is erased on this device, for good. Other devices keep what they have.</source>
      <translation>이 기기에서 완전히 지웁니다. 다른 기기에 있는 것은 남습니다.</translation>
    </message>
    <message>
      <source>It is not encrypted on the way (http).</source>
      <translation>암호화하지 않고 주고받는 주소입니다(http).</translation>
    </message>
    <message>
      <source>It is on this PC. It has not reached the relay yet.</source>
      <translation>이 기기에 있습니다. 아직 릴레이에 닿지 않았습니다.</translation>
    </message>
    <message>
      <source>It is on this phone. It has not reached the relay yet.</source>
      <translation>이 휴대전화에 있습니다. 아직 릴레이에 닿지 않았습니다.</translation>
    </message>
    <message>
      <source>It is shown only now and stored nowhere. Without it nobody opens the file, not even you.</source>
      <translation>지금만 보이고 어디에도 저장하지 않습니다. 코드가 없으면 본인도 파일을 열 수 없습니다.</translation>
    </message>
    <message>
      <source>It is shown only now. If this device is lost, it is the only way back to your account. Write it on paper and keep it where nobody else finds it.</source>
      <translation>지금 한 번만 보입니다. 이 기기를 잃으면 계정을 되찾을 수 있는 단 하나의 길입니다. 종이에 적어 다른 사람이 찾지 못할 곳에 두세요.</translation>
    </message>
    <message>
      <source>It is shown only now. The old code stays good until you have confirmed this one.</source>
      <translation>지금 한 번만 보입니다. 이 코드를 확인할 때까지는 옛 코드를 그대로 쓸 수 있습니다.</translation>
    </message>
    <message>
      <source>It is tried again and again · reading and writing go on</source>
      <translation>계속 다시 시도합니다 · 읽기와 쓰기는 그대로 됩니다</translation>
    </message>
    <message>
      <source>It was not sent. The reason stands under it.</source>
      <translation>보내지 못했습니다. 이유는 말풍선 아래에 있습니다.</translation>
    </message>
    <message>
      <source>Its files are kept in a folder inside the profile, and nothing is deleted. Byre then begins as on the first day: link this PC again, or restore the account.</source>
      <translation>파일은 프로필 안의 폴더에 그대로 두고 아무것도 지우지 않습니다. 그다음 외양간은 처음 상태로 시작합니다. 이 PC를 다시 연결하거나 계정을 복구하세요.</translation>
    </message>
    <message>
      <source>Its key is back</source>
      <translation>열쇠를 돌려줬습니다</translation>
    </message>
    <message>
      <source>Its letters can look like those of another address.</source>
      <translation>다른 주소처럼 보이는 글자가 들어 있습니다.</translation>
    </message>
    <message>
      <source>Keep it</source>
      <translation>지우지 않기</translation>
    </message>
    <message>
      <source>Keep messages until I erase them</source>
      <translation>지울 때까지 보관</translation>
    </message>
    <message>
      <source>Keep the old code</source>
      <translation>옛 코드 그대로 쓰기</translation>
    </message>
    <message>
      <source>Keep this window on top</source>
      <translation>이 창을 항상 위에</translation>
    </message>
    <message>
      <source>Keep what they have</source>
      <translation>가진 것을 그대로 둡니다</translation>
    </message>
    <message>
      <source>Kept here until the key is checked</source>
      <translation>키를 확인할 때까지 여기에만 있습니다</translation>
    </message>
    <message>
      <source>Kept sealed envelopes</source>
      <translation>보관하던 봉인된 봉투</translation>
    </message>
    <message>
      <source>Key changed</source>
      <translation>키가 바뀜</translation>
    </message>
    <message>
      <source>Key kept in</source>
      <translation>열쇠 방식</translation>
    </message>
    <message>
      <source>Key store of the system</source>
      <translation>운영체제 열쇠 저장소</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>언어</translation>
    </message>
    <message numerus="yes">
      <source>Last %n days</source>
      <translation>
        <numerusform>최근 %n일</numerusform>
      </translation>
    </message>
    <message>
      <source>Leave</source>
      <translation>나가기</translation>
    </message>
    <message>
      <source>Leave empty to connect directly.</source>
      <translation>비워 두면 바로 연결합니다.</translation>
    </message>
    <message>
      <source>Leave the room?</source>
      <translation>방에서 나갈까요?</translation>
    </message>
    <message>
      <source>Leave the room…</source>
      <translation>방 나가기…</translation>
    </message>
    <message>
      <source>Let it be erased</source>
      <translation>그대로 지우기</translation>
    </message>
    <message>
      <source>Licence</source>
      <translation>라이선스</translation>
    </message>
    <message>
      <source>Light</source>
      <translation>밝게</translation>
    </message>
    <message>
      <source>Like the system</source>
      <translation>시스템 설정에 맞춤</translation>
    </message>
    <message>
      <source>Link</source>
      <translation>연결</translation>
    </message>
    <message>
      <source>Link a PC</source>
      <translation>PC 연결</translation>
    </message>
    <message>
      <source>Link again</source>
      <translation>다시 연결</translation>
    </message>
    <message>
      <source>Link with your phone</source>
      <translation>휴대전화로 연결</translation>
    </message>
    <message>
      <source>Linked PC</source>
      <translation>연결된 PC</translation>
    </message>
    <message>
      <source>Linked devices</source>
      <translation>연결된 기기</translation>
    </message>
    <message>
      <source>Linked on {date}</source>
      <translation>{date} 연결</translation>
    </message>
    <message>
      <source>Linking did not finish. Start again with a new QR code.</source>
      <translation>연결을 끝내지 못했습니다. 새 QR 코드로 다시 시작하세요.</translation>
    </message>
    <message>
      <source>Linking was cancelled.</source>
      <translation>연결을 취소했습니다.</translation>
    </message>
    <message>
      <source>Linking…</source>
      <translation>연결하는 중…</translation>
    </message>
    <message>
      <source>Lock</source>
      <translation>잠그기</translation>
    </message>
    <message>
      <source>Lock with the screen, and before sleep</source>
      <translation>화면이 잠기거나 절전 모드에 들어가면 잠그기</translation>
    </message>
    <message>
      <source>Locked</source>
      <translation>잠겨 있습니다</translation>
    </message>
    <message>
      <source>Locking</source>
      <translation>잠금</translation>
    </message>
    <message>
      <source>Locking forgets the key in memory; the passphrase opens again.</source>
      <translation>잠그면 메모리의 열쇠를 지우고, 암호를 입력하면 다시 엽니다.</translation>
    </message>
    <message>
      <source>Locking…</source>
      <translation>잠그는 중…</translation>
    </message>
    <message>
      <source>Locks the conversations first</source>
      <translation>먼저 대화를 잠급니다</translation>
    </message>
    <message>
      <source>Look at your phone</source>
      <translation>휴대전화를 보세요</translation>
    </message>
    <message>
      <source>Make a backup</source>
      <translation>백업 만들기</translation>
    </message>
    <message>
      <source>Make a backup…</source>
      <translation>백업 만들기…</translation>
    </message>
    <message>
      <source>Make a new account</source>
      <translation>새 계정 만들기</translation>
    </message>
    <message>
      <source>Make a new recovery code?</source>
      <translation>새 복구 코드를 만들까요?</translation>
    </message>
    <message>
      <source>Make a new recovery code…</source>
      <translation>새 복구 코드 만들기…</translation>
    </message>
    <message>
      <source>Make a plain member</source>
      <translation>일반 구성원으로 바꾸기</translation>
    </message>
    <message>
      <source>Make an admin…</source>
      <translation>관리자로 지정…</translation>
    </message>
    <message>
      <source>Make an owner…</source>
      <translation>방장으로 지정…</translation>
    </message>
    <message>
      <source>Make it so</source>
      <translation>확인</translation>
    </message>
    <message>
      <source>Make quiet</source>
      <translation>조용한 채팅방으로</translation>
    </message>
    <message>
      <source>Make quiet, or notify again</source>
      <translation>조용히 하기/알림 다시 켜기</translation>
    </message>
    <message>
      <source>Make the account</source>
      <translation>계정 만들기</translation>
    </message>
    <message>
      <source>Make your account</source>
      <translation>계정 만들기</translation>
    </message>
    <message>
      <source>Make {name} an admin?</source>
      <translation>{name} 님을 관리자로 지정할까요?</translation>
    </message>
    <message>
      <source>Make {name} an owner?</source>
      <translation>{name} 님을 방장으로 지정할까요?</translation>
    </message>
    <message>
      <source>Making a code…</source>
      <translation>코드를 만드는 중…</translation>
    </message>
    <message>
      <source>Making the backup</source>
      <translation>백업을 만드는 중</translation>
    </message>
    <message>
      <source>Mark as read</source>
      <translation>읽음으로 표시</translation>
    </message>
    <message>
      <source>Me</source>
      <translation>나</translation>
    </message>
    <message>
      <source>Memory of this app until it is restarted</source>
      <translation>앱을 다시 켤 때까지의 메모리</translation>
    </message>
    <message>
      <source>Messages</source>
      <translation>메시지</translation>
    </message>
    <message>
      <source>Messages and the keys of attachments are deleted</source>
      <translation>메시지와 첨부 파일의 키를 지웁니다</translation>
    </message>
    <message>
      <source>Messages and the keys of attachments were deleted</source>
      <translation>메시지와 첨부 파일의 키를 지웠습니다</translation>
    </message>
    <message>
      <source>Messages disappear after {time}</source>
      <translation>메시지가 {time} 뒤 사라집니다</translation>
    </message>
    <message>
      <source>Messages on this device</source>
      <translation>이 기기의 메시지</translation>
    </message>
    <message>
      <source>Messages {count}</source>
      <translation>메시지 {count}</translation>
    </message>
    <message>
      <source>Minutes</source>
      <translation>분</translation>
    </message>
    <message>
      <source>Month after</source>
      <translation>다음 달</translation>
    </message>
    <message>
      <source>Month before</source>
      <translation>이전 달</translation>
    </message>
    <message>
      <source>My profile</source>
      <translation>내 프로필</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>이름</translation>
    </message>
    <message>
      <source>Name of the device</source>
      <translation>기기 이름</translation>
    </message>
    <message>
      <source>Name of the group</source>
      <translation>그룹 이름</translation>
    </message>
    <message>
      <source>Name the relay that carries your messages.</source>
      <translation>메시지를 전할 릴레이를 정해 주세요.</translation>
    </message>
    <message>
      <source>Names and texts</source>
      <translation>이름과 내용 표시</translation>
    </message>
    <message>
      <source>Names only</source>
      <translation>이름만 표시</translation>
    </message>
    <message>
      <source>Needed at every start. Leave empty to use this device's key store.</source>
      <translation>켤 때마다 씁니다. 비워 두면 이 기기의 열쇠 저장소를 씁니다.</translation>
    </message>
    <message>
      <source>Neither names nor texts</source>
      <translation>이름과 내용 모두 숨김</translation>
    </message>
    <message>
      <source>Network settings</source>
      <translation>네트워크 설정</translation>
    </message>
    <message>
      <source>Never by itself</source>
      <translation>자동으로 잠그지 않음</translation>
    </message>
    <message>
      <source>Never loaded</source>
      <translation>불러오지 않음</translation>
    </message>
    <message>
      <source>Never told</source>
      <translation>알리지 않음</translation>
    </message>
    <message>
      <source>Never type a code that a web page or another person gave you.</source>
      <translation>웹 페이지나 다른 사람이 알려 준 숫자는 절대 입력하지 마세요.</translation>
    </message>
    <message>
      <source>New chat</source>
      <translation>새 대화</translation>
    </message>
    <message>
      <source>New code in {time}</source>
      <translation>{time} 뒤에 새 코드로 바뀝니다</translation>
    </message>
    <message>
      <source>New group</source>
      <translation>새 그룹</translation>
    </message>
    <message>
      <source>New message</source>
      <translation>새 메시지</translation>
    </message>
    <message>
      <source>New messages disappear on all devices of the room this long after they were read; your own, after they were sent.</source>
      <translation>새 메시지는 읽은 뒤 이 시간이 지나면 방의 모든 기기에서 사라집니다. 내가 보낸 메시지는 보낸 때부터 셉니다.</translation>
    </message>
    <message>
      <source>New passphrase</source>
      <translation>새 암호</translation>
    </message>
    <message>
      <source>New passphrase again</source>
      <translation>새 암호 다시 입력</translation>
    </message>
    <message>
      <source>New people can read what is written from now on, nothing older.</source>
      <translation>새로 온 사람은 지금부터 쓴 것만 읽을 수 있습니다.</translation>
    </message>
    <message>
      <source>New people or changed keys are told here</source>
      <translation>새 사람이나 바뀐 키가 있으면 여기에 알립니다</translation>
    </message>
    <message>
      <source>Newest first</source>
      <translation>최신순</translation>
    </message>
    <message>
      <source>Next (F3)</source>
      <translation>다음 (F3)</translation>
    </message>
    <message>
      <source>Next hit</source>
      <translation>다음 결과</translation>
    </message>
    <message>
      <source>No</source>
      <translation>아니요</translation>
    </message>
    <message>
      <source>No QR code was found in this picture. Choose one that shows a single code clearly.</source>
      <translation>이 사진에서 QR 코드를 찾지 못했습니다. 코드 하나가 또렷하게 나온 사진을 선택하세요.</translation>
    </message>
    <message>
      <source>No copy of this key is kept there. Try the other way, or set the profile aside.</source>
      <translation>그곳에는 이 열쇠의 사본이 없습니다. 다른 방법을 쓰거나 프로필을 따로 보관하세요.</translation>
    </message>
    <message>
      <source>No envelopes wait to be delivered</source>
      <translation>전달을 기다리는 봉투가 없습니다</translation>
    </message>
    <message>
      <source>No message could be brought back</source>
      <translation>되살린 메시지가 없습니다</translation>
    </message>
    <message>
      <source>No messages</source>
      <translation>메시지가 없습니다</translation>
    </message>
    <message>
      <source>No notifications</source>
      <translation>알림 끄기</translation>
    </message>
    <message>
      <source>No other device was asked</source>
      <translation>다른 기기에는 요청하지 않았습니다</translation>
    </message>
    <message>
      <source>No setting has this name</source>
      <translation>이런 이름의 설정이 없습니다</translation>
    </message>
    <message>
      <source>No wipe certificates yet</source>
      <translation>아직 지움 확인서가 없습니다</translation>
    </message>
    <message>
      <source>No, it says something else</source>
      <translation>아니요, 다르게 나옵니다</translation>
    </message>
    <message>
      <source>Nobody can read the passphrase out of this device. If this PC is linked, unlink it on your phone and link it again. If this is the primary device, the recovery code restores your account on a new device. Nothing is deleted here.</source>
      <translation>암호는 이 기기에서 누구도 알아낼 수 없습니다. 연결된 PC라면 휴대전화에서 연결을 끊고 다시 연결하세요. 기본 기기라면 복구 코드로 새 기기에서 계정을 복구할 수 있습니다. 여기서는 아무것도 지우지 않습니다.</translation>
    </message>
    <message>
      <source>Nobody else is in this room any more</source>
      <translation>이 방에는 이제 나만 남았습니다</translation>
    </message>
    <message>
      <source>Nobody fetched it in time. It is sent again when the device comes back.</source>
      <translation>기한 안에 받아 가지 못했습니다. 그 기기가 돌아오면 다시 보냅니다.</translation>
    </message>
    <message>
      <source>None</source>
      <translation>없음</translation>
    </message>
    <message>
      <source>Not connected</source>
      <translation>연결 안 됨</translation>
    </message>
    <message>
      <source>Not linked</source>
      <translation>연결하지 못했습니다</translation>
    </message>
    <message>
      <source>Not now</source>
      <translation>나중에</translation>
    </message>
    <message>
      <source>Not promised</source>
      <translation>약속하지 않는 것</translation>
    </message>
    <message>
      <source>Not sent</source>
      <translation>보내지 못함</translation>
    </message>
    <message>
      <source>Not sent · kept on this PC until the key is checked</source>
      <translation>보내지 않음 · 키를 확인할 때까지 이 PC에만 있습니다</translation>
    </message>
    <message>
      <source>Not sent · kept on this phone until the key is checked</source>
      <translation>보내지 않음 · 키를 확인할 때까지 이 휴대전화에만 있습니다</translation>
    </message>
    <message>
      <source>Not verified</source>
      <translation>확인 안 됨</translation>
    </message>
    <message>
      <source>Note to self</source>
      <translation>나와의 채팅</translation>
    </message>
    <message>
      <source>Nothing found</source>
      <translation>결과 없음</translation>
    </message>
    <message>
      <source>Nothing found in this room</source>
      <translation>이 방에는 없습니다</translation>
    </message>
    <message>
      <source>Nothing is sent until it is checked</source>
      <translation>확인할 때까지 아무것도 보내지 않습니다</translation>
    </message>
    <message>
      <source>Notifications</source>
      <translation>알림</translation>
    </message>
    <message>
      <source>Notifications are kept by your system, outside of Byre's encrypted store.</source>
      <translation>알림은 운영체제가 보관하며 외양간의 암호화된 저장소 밖에 있습니다.</translation>
    </message>
    <message>
      <source>Notify again</source>
      <translation>알림 다시 켜기</translation>
    </message>
    <message>
      <source>OK</source>
      <translation>확인</translation>
    </message>
    <message>
      <source>Off</source>
      <translation>끔</translation>
    </message>
    <message>
      <source>Off: until somebody erases them</source>
      <translation>끔: 지울 때까지 보관</translation>
    </message>
    <message>
      <source>Offline</source>
      <translation>오프라인</translation>
    </message>
    <message>
      <source>Old cells of flash memory; they hold only ciphertext under a dead key</source>
      <translation>플래시 메모리의 옛 칸(없앤 열쇠로 암호화된 것만 남음)</translation>
    </message>
    <message>
      <source>Old store and key</source>
      <translation>옛 저장소와 열쇠</translation>
    </message>
    <message numerus="yes">
      <source>Older than %n days</source>
      <translation>
        <numerusform>%n일 넘은 메시지</numerusform>
      </translation>
    </message>
    <message>
      <source>On</source>
      <translation>켜짐</translation>
    </message>
    <message>
      <source>On the phone, agree to link; the boxes for the digits come after that.</source>
      <translation>휴대전화에서 연결에 동의한 뒤, 입력 칸이 나오면 씁니다.</translation>
    </message>
    <message>
      <source>On the phone, choose Link a PC and scan this code. Then type the digits that appear here.</source>
      <translation>휴대전화에서 ‘PC 연결’을 선택하고 이 코드를 찍으세요. 그다음 여기에 나오는 숫자를 입력하세요.</translation>
    </message>
    <message>
      <source>On this device, in all conversations, without a trace.</source>
      <translation>이 기기의 모든 대화에서 흔적 없이 지웁니다.</translation>
    </message>
    <message>
      <source>Once it has its key, this PC</source>
      <translation>열쇠를 돌려주면 이 PC는</translation>
    </message>
    <message>
      <source>Once linked, this PC</source>
      <translation>연결하면 이 PC는</translation>
    </message>
    <message numerus="yes">
      <source>One letter searches names only: %n found</source>
      <translation>
        <numerusform>한 글자는 이름에서만 찾습니다: %n건</numerusform>
      </translation>
    </message>
    <message>
      <source>One moment…</source>
      <translation>잠시만요…</translation>
    </message>
    <message>
      <source>Only admins of the room can change this.</source>
      <translation>방의 관리자만 바꿀 수 있습니다.</translation>
    </message>
    <message>
      <source>Only for a relay whose certificate no public authority has made</source>
      <translation>공인 기관이 만들지 않은 인증서를 쓰는 릴레이에만 필요합니다</translation>
    </message>
    <message>
      <source>Only one of the two may run: this device, or the one that the backup becomes.</source>
      <translation>이 기기와 백업으로 되살린 기기 가운데 하나만 써야 합니다.</translation>
    </message>
    <message>
      <source>Only the file of the key is written anew. Leave the new passphrase empty to have none.</source>
      <translation>열쇠 파일만 새로 씁니다. 암호를 쓰지 않으려면 새 암호를 비워 두세요.</translation>
    </message>
    <message>
      <source>Only the new code is good from now on. Destroy the paper with the old one.</source>
      <translation>이제 새 코드만 쓸 수 있습니다. 옛 코드를 적은 종이는 없애세요.</translation>
    </message>
    <message>
      <source>Only the small file that says which of your data counts was lost. It was written anew; messages and rooms are as they were.</source>
      <translation>어느 데이터가 지금 것인지 적어 둔 작은 파일만 없어졌습니다. 그 파일을 새로 만들었으며, 메시지와 대화방은 그대로입니다.</translation>
    </message>
    <message>
      <source>Only type the digits on the screen of your own PC in front of you.</source>
      <translation>지금 눈앞에 있는 내 PC 화면의 숫자만 입력합니다.</translation>
    </message>
    <message>
      <source>Only what stays moves into a new store</source>
      <translation>남길 것만 새 저장소로 옮깁니다</translation>
    </message>
    <message>
      <source>Only your devices</source>
      <translation>내 기기만</translation>
    </message>
    <message>
      <source>Only your own devices can read this</source>
      <translation>내 기기에서만 읽을 수 있습니다</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>열기</translation>
    </message>
    <message>
      <source>Open Byre on your phone.</source>
      <translation>휴대전화에서 외양간을 엽니다.</translation>
    </message>
    <message>
      <source>Open in its own window</source>
      <translation>새 창으로 열기</translation>
    </message>
    <message>
      <source>Open this link?</source>
      <translation>이 링크를 열까요?</translation>
    </message>
    <message>
      <source>Open this page on both devices and compare all digits: side by side, or read aloud in a call where you know the voice. Do not send them as a message.</source>
      <translation>두 기기에서 이 화면을 열고 모든 숫자를 비교하세요. 나란히 놓고 보거나, 목소리를 아는 통화에서 소리 내어 읽습니다. 메시지로 보내지 마세요.</translation>
    </message>
    <message>
      <source>Open with the recovery code</source>
      <translation>복구 코드로 열기</translation>
    </message>
    <message>
      <source>Open with the recovery code…</source>
      <translation>복구 코드로 열기…</translation>
    </message>
    <message>
      <source>Open {link}…</source>
      <translation>{link} 열기…</translation>
    </message>
    <message>
      <source>Opening…</source>
      <translation>여는 중…</translation>
    </message>
    <message>
      <source>Or paste the link address</source>
      <translation>또는 연결 주소 붙여 넣기</translation>
    </message>
    <message>
      <source>Other devices</source>
      <translation>다른 기기</translation>
    </message>
    <message>
      <source>Other people's devices</source>
      <translation>다른 사람의 기기</translation>
    </message>
    <message>
      <source>Other people's devices and altered apps</source>
      <translation>다른 사람의 기기, 그리고 고쳐 만든 앱</translation>
    </message>
    <message>
      <source>Other places</source>
      <translation>다른 곳</translation>
    </message>
    <message>
      <source>Owner</source>
      <translation>방장</translation>
    </message>
    <message>
      <source>PC linked</source>
      <translation>PC를 연결했습니다</translation>
    </message>
    <message>
      <source>Pages of the new store</source>
      <translation>새 저장소의 페이지</translation>
    </message>
    <message>
      <source>Passphrase</source>
      <translation>암호</translation>
    </message>
    <message>
      <source>Passphrase again</source>
      <translation>암호 다시 입력</translation>
    </message>
    <message>
      <source>Passphrase and key store</source>
      <translation>암호와 열쇠 저장소</translation>
    </message>
    <message>
      <source>Passphrase now</source>
      <translation>지금 쓰는 암호</translation>
    </message>
    <message>
      <source>Passphrase only</source>
      <translation>암호만</translation>
    </message>
    <message>
      <source>Passphrase, if there was one</source>
      <translation>암호(쓰고 있었다면)</translation>
    </message>
    <message>
      <source>People find you by it: handle@relay</source>
      <translation>이것으로 나를 찾습니다: 아이디@릴레이</translation>
    </message>
    <message>
      <source>Pick one from the list, or find it by name.</source>
      <translation>왼쪽 목록에서 고르거나 이름으로 찾습니다.</translation>
    </message>
    <message>
      <source>Pictures</source>
      <translation>사진</translation>
    </message>
    <message>
      <source>Pin</source>
      <translation>고정</translation>
    </message>
    <message>
      <source>Pin to the top</source>
      <translation>맨 위에 고정</translation>
    </message>
    <message>
      <source>Pinned</source>
      <translation>고정됨</translation>
    </message>
    <message>
      <source>Pinned certificates</source>
      <translation>고정한 인증서</translation>
    </message>
    <message>
      <source>Previews of links</source>
      <translation>링크 미리보기</translation>
    </message>
    <message>
      <source>Previous (Shift+F3)</source>
      <translation>이전 (Shift+F3)</translation>
    </message>
    <message>
      <source>Previous hit</source>
      <translation>이전 결과</translation>
    </message>
    <message>
      <source>Primary device</source>
      <translation>기본 기기</translation>
    </message>
    <message numerus="yes">
      <source>Primary device and %n PCs</source>
      <translation>
        <numerusform>기본 기기와 PC %n대</numerusform>
      </translation>
    </message>
    <message>
      <source>Privacy</source>
      <translation>개인정보</translation>
    </message>
    <message>
      <source>Private authority</source>
      <translation>사설 인증 기관</translation>
    </message>
    <message>
      <source>Proxy</source>
      <translation>프록시</translation>
    </message>
    <message>
      <source>QR code</source>
      <translation>QR 코드</translation>
    </message>
    <message>
      <source>QR code for linking, {time} left</source>
      <translation>연결용 QR 코드, {time} 남음</translation>
    </message>
    <message>
      <source>QR code that asks your phone for the key</source>
      <translation>휴대전화에 열쇠를 청하는 QR 코드</translation>
    </message>
    <message>
      <source>Quiet</source>
      <translation>조용함</translation>
    </message>
    <message>
      <source>Quit Byre</source>
      <translation>외양간 종료</translation>
    </message>
    <message>
      <source>Read</source>
      <translation>읽음</translation>
    </message>
    <message>
      <source>Read the conversations</source>
      <translation>대화 읽기</translation>
    </message>
    <message>
      <source>Read this address</source>
      <translation>이 주소 읽기</translation>
    </message>
    <message>
      <source>Receipts</source>
      <translation>수신 확인</translation>
    </message>
    <message>
      <source>Receiving and sending have stopped</source>
      <translation>메시지 받기와 보내기를 멈췄습니다</translation>
    </message>
    <message>
      <source>Recovery code</source>
      <translation>복구 코드</translation>
    </message>
    <message>
      <source>Recovery code: {code}</source>
      <translation>복구 코드: {code}</translation>
    </message>
    <message>
      <source>Relay</source>
      <translation>릴레이</translation>
    </message>
    <message>
      <source>Relay and network</source>
      <translation>릴레이와 네트워크</translation>
    </message>
    <message numerus="yes">
      <source>Remnants %n</source>
      <translation>
        <numerusform>남은 흔적 %n</numerusform>
      </translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>제거</translation>
    </message>
    <message>
      <source>Remove from the room…</source>
      <translation>방에서 내보내기…</translation>
    </message>
    <message>
      <source>Remove {name}</source>
      <translation>{name} 제거</translation>
    </message>
    <message>
      <source>Remove {name} from the room?</source>
      <translation>{name} 님을 방에서 내보낼까요?</translation>
    </message>
    <message>
      <source>Remove {name}?</source>
      <translation>{name} 기기를 제거할까요?</translation>
    </message>
    <message>
      <source>Removing a device signs a new device list and takes it out of every room.</source>
      <translation>기기를 제거하면 새 기기 목록에 서명하고 모든 방에서 그 기기를 뺍니다.</translation>
    </message>
    <message>
      <source>Rename {name}</source>
      <translation>{name} 이름 바꾸기</translation>
    </message>
    <message>
      <source>Replace</source>
      <translation>덮어쓰기</translation>
    </message>
    <message>
      <source>Replace {name}?</source>
      <translation>{name} 파일을 덮어쓸까요?</translation>
    </message>
    <message>
      <source>Restore</source>
      <translation>복구</translation>
    </message>
    <message>
      <source>Restore from a backup</source>
      <translation>백업에서 복구</translation>
    </message>
    <message>
      <source>Restore your account</source>
      <translation>계정 복구</translation>
    </message>
    <message>
      <source>Rooms</source>
      <translation>채팅방</translation>
    </message>
    <message>
      <source>Rooms in common</source>
      <translation>함께 있는 방</translation>
    </message>
    <message>
      <source>SHA-256 of its certificate</source>
      <translation>인증서의 SHA-256</translation>
    </message>
    <message>
      <source>Safety number</source>
      <translation>보안 번호</translation>
    </message>
    <message>
      <source>Safety number verified</source>
      <translation>보안 번호 확인됨</translation>
    </message>
    <message>
      <source>Safety number with {name}</source>
      <translation>{name} 님과의 보안 번호</translation>
    </message>
    <message>
      <source>Samples looked for</source>
      <translation>찾아본 표본</translation>
    </message>
    <message>
      <source>Save</source>
      <translation>저장</translation>
    </message>
    <message>
      <source>Saved. Connections are opened anew.</source>
      <translation>저장했습니다. 연결을 새로 엽니다.</translation>
    </message>
    <message>
      <source>Scan the QR code on the PC's first screen</source>
      <translation>PC 첫 화면의 QR 코드를 읽습니다</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>검색</translation>
    </message>
    <message>
      <source>Search all messages</source>
      <translation>모든 메시지 검색</translation>
    </message>
    <message>
      <source>Search in these days</source>
      <translation>기간을 정해 검색</translation>
    </message>
    <message>
      <source>Search in this room</source>
      <translation>대화에서 검색</translation>
    </message>
    <message>
      <source>Search in which room?</source>
      <translation>어느 방에서 찾을까요?</translation>
    </message>
    <message>
      <source>Search index entries</source>
      <translation>검색 색인 항목</translation>
    </message>
    <message>
      <source>Search names</source>
      <translation>이름 검색</translation>
    </message>
    <message>
      <source>Search names and messages</source>
      <translation>이름, 메시지 검색</translation>
    </message>
    <message>
      <source>Search runs only on this PC.
It also finds letters inside words.</source>
      <translation>검색은 이 PC 안에서만 합니다.
낱말 가운데 글자도 찾습니다.</translation>
    </message>
    <message>
      <source>Search runs only on this phone.
It also finds letters inside words.</source>
      <translation>검색은 이 휴대전화 안에서만 합니다.
낱말 가운데 글자도 찾습니다.</translation>
    </message>
    <message>
      <source>Search settings</source>
      <translation>설정 검색</translation>
    </message>
    <message>
      <source>Seconds</source>
      <translation>초</translation>
    </message>
    <message>
      <source>Secrets of past epochs</source>
      <translation>지난 세대의 비밀값</translation>
    </message>
    <message>
      <source>Send</source>
      <translation>보내기</translation>
    </message>
    <message>
      <source>Send again</source>
      <translation>다시 보내기</translation>
    </message>
    <message>
      <source>Set aside</source>
      <translation>따로 보관</translation>
    </message>
    <message>
      <source>Set this profile aside and begin anew…</source>
      <translation>이 프로필을 따로 보관하고 새로 시작…</translation>
    </message>
    <message>
      <source>Set this profile aside?</source>
      <translation>이 프로필을 따로 보관할까요?</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>설정</translation>
    </message>
    <message>
      <source>Show all of it</source>
      <translation>전체 보기</translation>
    </message>
    <message>
      <source>Show last messages in the list</source>
      <translation>목록에 마지막 메시지 표시</translation>
    </message>
    <message>
      <source>Show notifications</source>
      <translation>알림 표시</translation>
    </message>
    <message>
      <source>Show only how many are unread</source>
      <translation>안 읽은 개수만 표시</translation>
    </message>
    <message>
      <source>Show or hide Byre</source>
      <translation>외양간 보이기/숨기기</translation>
    </message>
    <message>
      <source>Show the new code</source>
      <translation>새 코드 보기</translation>
    </message>
    <message>
      <source>Show the passphrase</source>
      <translation>암호 보기</translation>
    </message>
    <message>
      <source>Shown to the people you talk to</source>
      <translation>대화하는 사람들에게 보입니다</translation>
    </message>
    <message>
      <source>Signed with this device's key</source>
      <translation>이 기기의 키로 서명함</translation>
    </message>
    <message>
      <source>Size of the text</source>
      <translation>글자 크기</translation>
    </message>
    <message>
      <source>Somebody else may have your account's key</source>
      <translation>다른 사람이 내 계정의 키를 가지고 있을 수 있습니다</translation>
    </message>
    <message>
      <source>Somebody must remain who may manage this room.</source>
      <translation>이 방을 관리할 사람이 남아 있어야 합니다.</translation>
    </message>
    <message>
      <source>Somebody wants to talk to you</source>
      <translation>누군가 대화를 요청했습니다</translation>
    </message>
    <message>
      <source>Something is missing or written wrongly.</source>
      <translation>빠뜨렸거나 잘못 입력한 항목이 있습니다.</translation>
    </message>
    <message>
      <source>Something went wrong ({code}). Try again.</source>
      <translation>문제가 생겼습니다 ({code}). 다시 시도하세요.</translation>
    </message>
    <message>
      <source>Something went wrong inside Byre. Nothing was done half-way; try again.</source>
      <translation>외양간 안에서 문제가 생겼습니다. 반쯤 처리된 것은 없으니 다시 시도하세요.</translation>
    </message>
    <message>
      <source>Start the chat</source>
      <translation>대화 시작</translation>
    </message>
    <message>
      <source>Start without a phone. Your account's key is made on this PC.</source>
      <translation>휴대전화 없이 시작합니다. 계정의 키를 이 PC에 만듭니다.</translation>
    </message>
    <message>
      <source>Stay in the notification area</source>
      <translation>알림 영역에서 계속 실행</translation>
    </message>
    <message>
      <source>Stay open</source>
      <translation>잠그지 않음</translation>
    </message>
    <message>
      <source>Step {at} of {total}</source>
      <translation>{total}단계 중 {at}단계</translation>
    </message>
    <message>
      <source>Step {at} of {total}: {name}</source>
      <translation>{total}단계 중 {at}단계: {name}</translation>
    </message>
    <message>
      <source>Storage and erasing</source>
      <translation>저장 공간과 지우기</translation>
    </message>
    <message>
      <source>Take a picture of the code and choose it here, or paste the address that the PC copied.</source>
      <translation>코드를 찍은 사진을 선택하거나, PC에서 복사한 연결 주소를 붙여 넣으세요.</translation>
    </message>
    <message>
      <source>Tap **Settings → Linked devices → Link a PC** and scan the QR code.</source>
      <translation>**설정 → 연결된 기기 → PC 연결**을 누르고 QR 코드를 비춥니다.</translation>
    </message>
    <message>
      <source>That is not possible right now.</source>
      <translation>지금은 할 수 없습니다.</translation>
    </message>
    <message>
      <source>That is not the passphrase.</source>
      <translation>암호가 다릅니다.</translation>
    </message>
    <message>
      <source>That phone answered with another key. Nothing was changed; try again.</source>
      <translation>휴대전화가 다른 열쇠를 보내왔습니다. 바뀐 것은 없습니다. 다시 시도하세요.</translation>
    </message>
    <message>
      <source>That you read a message</source>
      <translation>읽음 표시</translation>
    </message>
    <message>
      <source>The QR code was read just now</source>
      <translation>QR 코드를 방금 읽었습니다</translation>
    </message>
    <message>
      <source>The account of this phone: {address}</source>
      <translation>이 휴대전화의 계정: {address}</translation>
    </message>
    <message>
      <source>The account this PC will join</source>
      <translation>이 PC가 들어갈 계정</translation>
    </message>
    <message>
      <source>The backup was not made</source>
      <translation>백업을 만들지 못했습니다</translation>
    </message>
    <message>
      <source>The certificate was exported.</source>
      <translation>확인서를 내보냈습니다.</translation>
    </message>
    <message>
      <source>The code has expired. A new one is being made.</source>
      <translation>코드의 기한이 지났습니다. 새 코드를 만듭니다.</translation>
    </message>
    <message>
      <source>The code of a backup is shown once. A wipe does not reach the file; the certificate of a wipe says how many backups there are. To restore one, start Byre on a device without an account.</source>
      <translation>백업 코드는 한 번만 보입니다. 지우기는 이 파일에 미치지 않으며, 지움 확인서에 백업 개수가 적힙니다. 되살리려면 계정이 없는 기기에서 외양간을 시작하세요.</translation>
    </message>
    <message>
      <source>The damaged file was not deleted: it was set aside in the folder of the profile.</source>
      <translation>손상된 파일은 지우지 않았습니다. 프로필 폴더에 따로 두었습니다.</translation>
    </message>
    <message>
      <source>The digits were wrong three times. Scan the new QR code on the PC's screen.</source>
      <translation>숫자가 세 번 틀렸습니다. PC 화면의 새 QR 코드를 읽어 주세요.</translation>
    </message>
    <message>
      <source>The digits: {digits}</source>
      <translation>숫자: {digits}</translation>
    </message>
    <message>
      <source>The disk cannot be read or written. Nothing was deleted.</source>
      <translation>디스크를 읽거나 쓸 수 없습니다. 지운 것은 없습니다.</translation>
    </message>
    <message>
      <source>The disk is full. Free some space; nothing was lost.</source>
      <translation>디스크가 가득 찼습니다. 공간을 비우고 다시 시도하세요. 잃은 것은 없습니다.</translation>
    </message>
    <message>
      <source>The file could not be written.</source>
      <translation>파일을 쓰지 못했습니다.</translation>
    </message>
    <message>
      <source>The file is too large for the relay.</source>
      <translation>파일이 릴레이 한도보다 큽니다.</translation>
    </message>
    <message>
      <source>The folder of this profile cannot be used. Nothing was deleted.</source>
      <translation>이 프로필의 폴더를 쓸 수 없습니다. 지운 것은 없습니다.</translation>
    </message>
    <message>
      <source>The installation is incomplete. Install Byre again.</source>
      <translation>설치가 온전하지 않습니다. 외양간을 다시 설치하세요.</translation>
    </message>
    <message>
      <source>The key file of this profile is damaged. Nothing was deleted.</source>
      <translation>이 프로필의 열쇠 파일이 손상됐습니다. 지운 것은 없습니다.</translation>
    </message>
    <message>
      <source>The key has changed</source>
      <translation>키가 바뀌었습니다</translation>
    </message>
    <message>
      <source>The key is the one the relay told. It was not compared yet.</source>
      <translation>릴레이가 알려 준 키를 씁니다. 아직 비교하지 않았습니다.</translation>
    </message>
    <message>
      <source>The key of the account is made here and stays on this device.</source>
      <translation>계정의 키를 여기서 만들고 이 기기에만 둡니다.</translation>
    </message>
    <message>
      <source>The key of this person has changed. Compare the safety number first.</source>
      <translation>이 사람의 키가 바뀌었습니다. 먼저 보안 번호를 비교하세요.</translation>
    </message>
    <message>
      <source>The key of this profile is not in the key store that answers now. Open the one that holds it. If it is gone, close Byre and open it again: your phone or the recovery code can bring the key back. What is to be erased stays hidden and is erased then.</source>
      <translation>지금 응답하는 열쇠 저장소에 이 프로필의 키가 없습니다. 키가 있는 저장소를 여세요. 키가 사라졌다면 Byre를 닫았다가 다시 여세요. 휴대전화나 복구 코드로 키를 되찾을 수 있습니다. 지울 내용은 그동안 숨겨져 있다가 그때 지워집니다.</translation>
    </message>
    <message>
      <source>The key stays on your phone. You can unlink
this PC from the phone at any time.</source>
      <translation>키는 휴대전화에 남습니다. 이 PC는 휴대전화에서
언제든 끊을 수 있습니다.</translation>
    </message>
    <message>
      <source>The key store alone opens Byre now.</source>
      <translation>이제 열쇠 저장소만으로 열립니다.</translation>
    </message>
    <message>
      <source>The key store of this device does not answer. Unlock it and try again. Nothing was deleted.</source>
      <translation>이 기기의 열쇠 저장소가 응답하지 않습니다. 잠금을 풀고 다시 시도하세요. 지운 것은 없습니다.</translation>
    </message>
    <message>
      <source>The key store of this device opens your conversations again.</source>
      <translation>이 기기의 열쇠 저장소로 대화를 다시 엽니다.</translation>
    </message>
    <message>
      <source>The key was not given</source>
      <translation>열쇠를 돌려주지 않았습니다</translation>
    </message>
    <message>
      <source>The keys are destroyed first, so that nothing can be read any more, then the files. Only the recovery code or another device brings the account back; conversations that are only here are lost.</source>
      <translation>먼저 열쇠를 없애 아무것도 읽을 수 없게 하고, 그다음 파일을 지웁니다. 계정은 복구 코드나 다른 기기로만 되찾을 수 있고, 여기에만 있는 대화는 사라집니다.</translation>
    </message>
    <message>
      <source>The link was thrown away. A new QR code is being made.</source>
      <translation>연결을 버렸습니다. 새 QR 코드를 만듭니다.</translation>
    </message>
    <message>
      <source>The list that this device follows</source>
      <translation>이 기기가 따르는 목록</translation>
    </message>
    <message>
      <source>The message is too long</source>
      <translation>메시지가 너무 깁니다</translation>
    </message>
    <message>
      <source>The message is too long. Send it in parts.</source>
      <translation>메시지가 너무 깁니다. 나누어 보내세요.</translation>
    </message>
    <message>
      <source>The new passphrase opens Byre now.</source>
      <translation>이제 새 암호로 열립니다.</translation>
    </message>
    <message>
      <source>The new recovery code is set</source>
      <translation>새 복구 코드를 정했습니다</translation>
    </message>
    <message>
      <source>The new store and the whole profile folder were read and searched; nothing was found.</source>
      <translation>새 저장소와 프로필 폴더를 모두 읽어 찾았지만 나온 것이 없습니다.</translation>
    </message>
    <message>
      <source>The old code opens nothing any more once the new one is confirmed. That protects you from whoever found the old paper; not from somebody who has already used it, nor from a relay that knows the old code and kept what it opens.</source>
      <translation>새 코드를 확인하면 옛 코드로는 아무것도 열 수 없습니다. 옛 종이를 주운 사람은 막을 수 있지만, 이미 옛 코드를 쓴 사람이나 옛 코드를 알고 옛 파일을 남겨 둔 릴레이는 막지 못합니다.</translation>
    </message>
    <message>
      <source>The old files are overwritten and deleted</source>
      <translation>옛 파일을 덮어쓰고 지웁니다</translation>
    </message>
    <message>
      <source>The old files were overwritten and deleted</source>
      <translation>옛 파일을 덮어쓰고 지웠습니다</translation>
    </message>
    <message>
      <source>The other list</source>
      <translation>다른 목록</translation>
    </message>
    <message>
      <source>The other side sent something that cannot be understood.</source>
      <translation>상대가 보낸 내용을 이해할 수 없습니다.</translation>
    </message>
    <message>
      <source>The phone ended the linking, or the digits were wrong three times. Here is a new QR code.</source>
      <translation>휴대전화에서 연결을 그만두었거나 숫자가 세 번 틀렸습니다. 새 QR 코드를 만들었습니다.</translation>
    </message>
    <message>
      <source>The proxy cannot be reached.</source>
      <translation>프록시에 연결할 수 없습니다.</translation>
    </message>
    <message>
      <source>The proxy cannot be reached. Check it in the network settings.</source>
      <translation>프록시에 연결할 수 없습니다. 네트워크 설정에서 확인하세요.</translation>
    </message>
    <message>
      <source>The recovery code brings the account back; old messages stay on the devices that have them.</source>
      <translation>복구 코드로 계정을 되찾습니다. 예전 메시지는 그 메시지를 가진 기기에만 남아 있습니다.</translation>
    </message>
    <message>
      <source>The relay</source>
      <translation>릴레이</translation>
    </message>
    <message>
      <source>The relay agrees again: this room goes on</source>
      <translation>릴레이의 기록이 다시 맞습니다 · 방을 그대로 씁니다</translation>
    </message>
    <message>
      <source>The relay and the members of this room disagree. Texts go on; changes wait.</source>
      <translation>릴레이와 구성원의 기록이 서로 다릅니다 · 메시지는 오가고, 변경은 기다립니다</translation>
    </message>
    <message>
      <source>The relay answered something false. Nothing was changed.</source>
      <translation>릴레이가 사실과 다른 답을 보냈습니다. 바꾼 것은 없습니다.</translation>
    </message>
    <message>
      <source>The relay cannot be reached</source>
      <translation>릴레이에 연결할 수 없습니다</translation>
    </message>
    <message>
      <source>The relay cannot be reached.</source>
      <translation>릴레이에 연결할 수 없습니다.</translation>
    </message>
    <message>
      <source>The relay cannot be reached. Check the network and try again.</source>
      <translation>릴레이에 연결할 수 없습니다. 네트워크를 확인하고 다시 시도하세요.</translation>
    </message>
    <message>
      <source>The relay cannot be reached: it gets the new code as soon as it is back, and Byre tells you then. Keep both papers until that time.</source>
      <translation>릴레이에 연결할 수 없습니다. 연결되면 새 코드로 바꾸고 알려 드립니다. 그때까지 두 종이를 모두 보관하세요.</translation>
    </message>
    <message>
      <source>The relay could not do this. Try again.</source>
      <translation>릴레이가 요청을 처리하지 못했습니다. 다시 시도하세요.</translation>
    </message>
    <message>
      <source>The relay does not have the new code yet. Keep both papers until it does.</source>
      <translation>릴레이가 아직 새 코드를 받지 못했습니다. 그때까지 두 종이를 모두 보관하세요.</translation>
    </message>
    <message>
      <source>The relay has the new recovery code; the old one opens nothing any more.</source>
      <translation>새 복구 코드가 적용됐습니다. 옛 코드로는 이제 아무것도 열 수 없습니다.</translation>
    </message>
    <message>
      <source>The relay is busy. Try again in a moment.</source>
      <translation>릴레이가 바쁩니다. 잠시 뒤에 다시 시도하세요.</translation>
    </message>
    <message>
      <source>The relay keeps it for them. It is not on the other devices yet.</source>
      <translation>릴레이가 받아 두었습니다. 아직 상대 기기에는 없습니다.</translation>
    </message>
    <message>
      <source>The relay of this room has lost it: messages go on, but members and name cannot change.</source>
      <translation>이 방의 릴레이가 방을 잃었습니다. 메시지는 오가지만 구성원과 이름은 바꿀 수 없습니다.</translation>
    </message>
    <message>
      <source>The relay passes it on. It is not on the other devices yet.</source>
      <translation>릴레이가 전하는 중입니다. 아직 상대 기기에는 없습니다.</translation>
    </message>
    <message>
      <source>The relay passes sealed envelopes on. It sees mailboxes, times and sizes; never names or texts.</source>
      <translation>릴레이는 봉인된 봉투를 전합니다. 우편함과 시각과 크기만 알고, 이름과 내용은 알 수 없습니다.</translation>
    </message>
    <message>
      <source>The relay showed an old device list. Nothing was changed.</source>
      <translation>릴레이가 예전 기기 목록을 보냈습니다. 바꾼 것은 없습니다.</translation>
    </message>
    <message>
      <source>The relay showed something older than before. Nothing was changed.</source>
      <translation>릴레이가 전보다 오래된 정보를 보냈습니다. 바꾼 것은 없습니다.</translation>
    </message>
    <message>
      <source>The relay's certificate is not the right one.</source>
      <translation>릴레이의 인증서가 맞지 않습니다.</translation>
    </message>
    <message>
      <source>The relay's certificate is not the right one. Somebody may be in between; nothing is sent.</source>
      <translation>릴레이의 인증서가 맞지 않습니다. 누군가 사이에 있을 수 있어 아무것도 보내지 않습니다.</translation>
    </message>
    <message>
      <source>The room has changed</source>
      <translation>방이 바뀌었습니다</translation>
    </message>
    <message>
      <source>The room is too large</source>
      <translation>방이 너무 큽니다</translation>
    </message>
    <message>
      <source>The room would be too large: it can hold 1,000 devices.</source>
      <translation>방이 너무 커집니다. 한 방에는 기기가 1,000대까지 들어갑니다.</translation>
    </message>
    <message>
      <source>The room would hold too many people.</source>
      <translation>방에 사람이 너무 많아집니다.</translation>
    </message>
    <message>
      <source>The room's relay contradicts its members. Texts go on; members and name cannot change.</source>
      <translation>이 방의 릴레이와 구성원의 기록이 서로 다릅니다. 메시지는 오가지만 구성원과 방 이름은 바꿀 수 없습니다.</translation>
    </message>
    <message>
      <source>The rooms come back as soon as somebody else of theirs is online.</source>
      <translation>대화방은 다른 구성원이 접속하면 곧 돌아옵니다.</translation>
    </message>
    <message>
      <source>The safety numbers differ. Somebody may be in between: do not go on.</source>
      <translation>보안 번호가 다릅니다. 누군가 사이에 있을 수 있으니 계속하지 마세요.</translation>
    </message>
    <message>
      <source>The same number as a QR code</source>
      <translation>같은 번호의 QR 코드</translation>
    </message>
    <message>
      <source>The store is damaged and was closed. New messages wait at the relay meanwhile.</source>
      <translation>저장소가 손상되어 닫았습니다. 새 메시지는 그동안 릴레이에서 기다립니다.</translation>
    </message>
    <message>
      <source>The store is damaged. It was kept as it is; nothing was deleted.</source>
      <translation>저장소가 손상됐습니다. 그대로 두었고 지운 것은 없습니다.</translation>
    </message>
    <message>
      <source>The store of this profile is missing. Nothing was deleted; look for the folder or a backup.</source>
      <translation>이 프로필의 저장소가 없습니다. 지운 것은 없으니 폴더나 백업을 찾아보세요.</translation>
    </message>
    <message>
      <source>The two passphrases differ.</source>
      <translation>두 암호가 다릅니다.</translation>
    </message>
    <message>
      <source>The whole message</source>
      <translation>메시지 전체</translation>
    </message>
    <message>
      <source>Their apps erase it and report that, if they are Byre, unaltered and ever online again. It is a request: nobody can prove that another device has kept no copy.</source>
      <translation>고치지 않은 외양간이 다시 접속하면 지우고 알려 옵니다. 요청일 뿐입니다. 다른 기기에 사본이 남지 않았다는 것은 아무도 증명할 수 없습니다.</translation>
    </message>
    <message>
      <source>Their key has signed two different lists of devices: it may have been copied, or a restored phone went on from an old list. Ask them, and compare the safety number when you meet or by voice. Until then nothing is sent in this conversation.</source>
      <translation>이 사람의 키가 서로 다른 기기 목록 두 개에 서명했습니다. 키가 복사됐을 수도 있고, 복구한 휴대전화가 옛 목록을 이어 썼을 수도 있습니다. 본인에게 묻고, 만나거나 목소리로 보안 번호를 비교하세요. 그때까지 이 대화로는 아무것도 보내지 않습니다.</translation>
    </message>
    <message>
      <source>Theme and text</source>
      <translation>화면과 글자</translation>
    </message>
    <message>
      <source>There is a file of this name already.</source>
      <translation>같은 이름의 파일이 이미 있습니다.</translation>
    </message>
    <message>
      <source>There is a name before the @; only what stands behind it is the address.</source>
      <translation>@ 앞은 주소가 아닙니다. @ 뒤가 실제 주소입니다.</translation>
    </message>
    <message>
      <source>There is no passphrase on this device, so there is nothing to lock with.</source>
      <translation>이 기기에는 암호가 없어 잠글 수 없습니다.</translation>
    </message>
    <message>
      <source>There is nobody with this address.</source>
      <translation>이 주소를 쓰는 사람이 없습니다.</translation>
    </message>
    <message>
      <source>There is not enough memory for this. Close other programs and try again.</source>
      <translation>메모리가 부족합니다. 다른 프로그램을 닫고 다시 시도하세요.</translation>
    </message>
    <message>
      <source>These devices can read and send with this account. Remove at once what you do not know.</source>
      <translation>이 계정으로 메시지를 읽고 보낼 수 있는 기기입니다. 모르는 기기가 있으면 바로 제거하세요.</translation>
    </message>
    <message>
      <source>These digits do not match. Look at your PC's screen again.</source>
      <translation>숫자가 다릅니다. PC 화면을 다시 보세요.</translation>
    </message>
    <message>
      <source>They are the same</source>
      <translation>서로 같습니다</translation>
    </message>
    <message>
      <source>They can no longer read what is written from now on. What they already have stays with them, and the room says who removed them.</source>
      <translation>이제부터 쓰는 것은 읽지 못합니다. 이미 받은 것은 그 사람에게 남고, 누가 내보냈는지 방에 표시됩니다.</translation>
    </message>
    <message>
      <source>They can then invite and remove people, and choose how long messages stay.</source>
      <translation>사람을 초대하고 내보내며, 메시지가 사라지는 시간을 정할 수 있게 됩니다.</translation>
    </message>
    <message>
      <source>They may have made a new account on a new phone, or somebody may have taken this name. This app cannot know which. Compare the safety number when you meet or by voice. Until then nothing is sent in this conversation.</source>
      <translation>새 휴대전화에서 계정을 다시 만들었을 수도 있고, 다른 사람이 이 이름을 가로챘을 수도 있습니다. 어느 쪽인지 이 앱은 알 수 없습니다. 만나거나 목소리로 보안 번호를 비교하세요. 그때까지 이 대화로는 아무것도 보내지 않습니다.</translation>
    </message>
    <message>
      <source>This PC is linked to
**{address}**.</source>
      <translation>이 PC가
**{address}**에
연결됐습니다.</translation>
    </message>
    <message>
      <source>This PC is linked to {address}.</source>
      <translation>이 PC가 {address}에 연결됐습니다.</translation>
    </message>
    <message>
      <source>This PC was removed</source>
      <translation>이 PC는 연결이 끊겼습니다</translation>
    </message>
    <message>
      <source>This QR code is no safety number of Byre.</source>
      <translation>이 QR 코드는 외양간의 보안 번호가 아닙니다.</translation>
    </message>
    <message>
      <source>This QR code was already used. Make a new one on the PC.</source>
      <translation>이미 쓴 QR 코드입니다. PC에서 새 코드를 만드세요.</translation>
    </message>
    <message>
      <source>This account has no device that can be reached.</source>
      <translation>이 계정에는 지금 연결할 수 있는 기기가 없습니다.</translation>
    </message>
    <message>
      <source>This cannot be undone.</source>
      <translation>되돌릴 수 없습니다.</translation>
    </message>
    <message>
      <source>This code does not open the backup. Check each group of letters.</source>
      <translation>이 코드로는 백업이 열리지 않습니다. 글자 묶음을 하나씩 확인하세요.</translation>
    </message>
    <message>
      <source>This conversation no longer exists.</source>
      <translation>이 대화는 이제 없습니다.</translation>
    </message>
    <message>
      <source>This device</source>
      <translation>이 기기</translation>
    </message>
    <message>
      <source>This device becomes the one that the backup was made of. Rooms come back as soon as somebody else of theirs is online.</source>
      <translation>이 기기가 백업을 만든 기기가 됩니다. 대화방은 다른 구성원이 접속하면 곧 돌아옵니다.</translation>
    </message>
    <message>
      <source>This device belongs to another account.</source>
      <translation>이 기기는 다른 계정의 것입니다.</translation>
    </message>
    <message>
      <source>This device has no key store, so your conversations are protected by a passphrase. It is asked at start.</source>
      <translation>이 기기에는 열쇠 저장소가 없어 암호로 대화를 지킵니다. 켤 때마다 묻습니다.</translation>
    </message>
    <message>
      <source>This device has no key store. Choose a passphrase to protect your conversations.</source>
      <translation>이 기기에는 열쇠 저장소가 없습니다. 대화를 지킬 암호를 정해 주세요.</translation>
    </message>
    <message>
      <source>This device has no key store: a passphrase is needed at every start.</source>
      <translation>이 기기에는 열쇠 저장소가 없습니다. 시작할 때마다 암호가 필요합니다.</translation>
    </message>
    <message>
      <source>This device is no longer in the list.</source>
      <translation>이 기기는 이제 목록에 없습니다.</translation>
    </message>
    <message>
      <source>This is not a SHA-256 fingerprint: it has 64 hexadecimal digits.</source>
      <translation>SHA-256 지문이 아닙니다. 16진수 64자리여야 합니다.</translation>
    </message>
    <message>
      <source>This is not a certificate in PEM form.</source>
      <translation>PEM 형식의 인증서가 아닙니다.</translation>
    </message>
    <message>
      <source>This is not a link code of Byre.</source>
      <translation>외양간의 연결 코드가 아닙니다.</translation>
    </message>
    <message>
      <source>This is not a safety number.</source>
      <translation>보안 번호가 아닙니다.</translation>
    </message>
    <message>
      <source>This is not a store of Byre. Nothing was changed.</source>
      <translation>외양간의 저장소가 아닙니다. 바꾼 것은 없습니다.</translation>
    </message>
    <message>
      <source>This is not the address of a proxy. It looks like socks5://127.0.0.1:9050.</source>
      <translation>프록시 주소가 아닙니다. socks5://127.0.0.1:9050 같은 모양입니다.</translation>
    </message>
    <message>
      <source>This is not the address of a relay. It looks like https://relay.example.</source>
      <translation>릴레이 주소가 아닙니다. https://relay.example처럼 씁니다.</translation>
    </message>
    <message>
      <source>This is the number of the new key. Only if it is right does the room go on.</source>
      <translation>새 키의 번호입니다. 이 번호가 맞을 때에만 대화를 이어 갑니다.</translation>
    </message>
    <message>
      <source>This is this device's own claim, no proof to others</source>
      <translation>이 확인서는 이 기기의 주장이며 다른 사람에게 증거가 되지 않습니다</translation>
    </message>
    <message>
      <source>This link is for a phone whose conversations are open.</source>
      <translation>휴대전화에서 잠금을 푼 뒤에 여는 링크입니다.</translation>
    </message>
    <message>
      <source>This message needs a newer Byre</source>
      <translation>더 새로운 외양간이 필요한 메시지입니다</translation>
    </message>
    <message>
      <source>This message no longer exists.</source>
      <translation>이 메시지는 이제 없습니다.</translation>
    </message>
    <message>
      <source>This name is already taken. Choose another one.</source>
      <translation>이미 쓰는 아이디입니다. 다른 아이디를 입력하세요.</translation>
    </message>
    <message>
      <source>This person is no longer in the room.</source>
      <translation>이 사람은 이제 방에 없습니다.</translation>
    </message>
    <message>
      <source>This phone was restored and has not met your other PCs yet. Start one or remove it, and try again.</source>
      <translation>복구한 이 휴대전화가 아직 내 다른 PC와 만나지 못했습니다. 그 PC를 켜거나 목록에서 제거한 뒤 다시 시도하세요.</translation>
    </message>
    <message>
      <source>This picture cannot be read. Choose another file, such as a PNG or JPEG.</source>
      <translation>사진을 읽을 수 없습니다. PNG나 JPEG 같은 다른 파일을 선택하세요.</translation>
    </message>
    <message>
      <source>This profile is already open in another window.</source>
      <translation>이 프로필은 다른 창에서 이미 열려 있습니다.</translation>
    </message>
    <message>
      <source>This profile is an older copy: what came later is missing. Your rooms come back by themselves.</source>
      <translation>예전 사본으로 되돌린 프로필입니다. 그 뒤의 메시지는 없으며, 대화방은 저절로 다시 연결됩니다.</translation>
    </message>
    <message>
      <source>This profile was made by a newer Byre. Update the app; nothing was changed.</source>
      <translation>더 새로운 외양간에서 만든 프로필입니다. 앱을 업데이트하세요. 바꾼 것은 없습니다.</translation>
    </message>
    <message>
      <source>This recovery code is not right. Check each group of letters.</source>
      <translation>복구 코드가 맞지 않습니다. 글자 묶음을 하나씩 확인하세요.</translation>
    </message>
    <message>
      <source>This was made by a newer Byre. Update the app; nothing was changed.</source>
      <translation>더 새로운 외양간에서 만든 것입니다. 앱을 업데이트하세요. 바꾼 것은 없습니다.</translation>
    </message>
    <message>
      <source>To be sure, type group {number} again</source>
      <translation>확인을 위해 {number}번째 묶음을 다시 입력하세요</translation>
    </message>
    <message>
      <source>To the newest message</source>
      <translation>최근 메시지로</translation>
    </message>
    <message>
      <source>Told to the room</source>
      <translation>방에 알림</translation>
    </message>
    <message>
      <source>Try again</source>
      <translation>다시 시도</translation>
    </message>
    <message>
      <source>Try now</source>
      <translation>지금 다시</translation>
    </message>
    <message numerus="yes">
      <source>Trying again in %n s · reading and writing go on</source>
      <translation>
        <numerusform>%n초 뒤에 다시 시도합니다 · 읽기와 쓰기는 그대로 됩니다</numerusform>
      </translation>
    </message>
    <message>
      <source>Two different device lists of this account exist. Somebody may be tampering; nothing is sent.</source>
      <translation>이 계정의 기기 목록이 두 가지입니다. 누군가 손댔을 수 있어 아무것도 보내지 않습니다.</translation>
    </message>
    <message>
      <source>Two different device lists were signed with it. Either an old phone of yours is still in use, or somebody copied the key or the recovery code. Nothing is sent until you decide.</source>
      <translation>그 키로 서로 다른 기기 목록 두 개가 서명됐습니다. 내 옛 휴대전화가 아직 쓰이고 있거나, 누군가 키나 복구 코드를 복사한 것입니다. 정할 때까지 아무것도 보내지 않습니다.</translation>
    </message>
    <message>
      <source>Type a message</source>
      <translation>메시지 입력</translation>
    </message>
    <message>
      <source>Type the 6 digits of the PC's screen</source>
      <translation>PC 화면의 숫자 6자리를 입력하세요</translation>
    </message>
    <message>
      <source>Type the digits</source>
      <translation>숫자 입력</translation>
    </message>
    <message>
      <source>Type the six digits shown on this PC into your phone.</source>
      <translation>이 PC에 나오는 숫자 6자리를 휴대전화에 입력합니다.</translation>
    </message>
    <message>
      <source>Type these digits on your phone</source>
      <translation>휴대전화에 이 숫자를 입력하세요</translation>
    </message>
    <message>
      <source>Typing and shortcuts</source>
      <translation>입력과 단축키</translation>
    </message>
    <message>
      <source>Understood</source>
      <translation>확인</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>되돌리기</translation>
    </message>
    <message>
      <source>Unknown person</source>
      <translation>알 수 없음</translation>
    </message>
    <message>
      <source>Unknown while offline</source>
      <translation>오프라인이라 알 수 없습니다</translation>
    </message>
    <message>
      <source>Unlink</source>
      <translation>연결 끊기</translation>
    </message>
    <message>
      <source>Unlock first.</source>
      <translation>먼저 잠금을 푸세요.</translation>
    </message>
    <message>
      <source>Unlock your system's key store, or log in to the desktop again, then try again: everything is still here. If the key is gone for good, your phone or the recovery code can bring it back. Nothing is deleted here.</source>
      <translation>운영체제의 열쇠 저장소를 열거나 데스크톱에 다시 로그인한 뒤 다시 시도하세요. 모든 것은 그대로 있습니다. 열쇠가 아주 사라졌다면 휴대전화나 복구 코드로 되찾을 수 있습니다. 여기서는 아무것도 지우지 않습니다.</translation>
    </message>
    <message>
      <source>Unpin</source>
      <translation>고정 풀기</translation>
    </message>
    <message>
      <source>Unread</source>
      <translation>안 읽음</translation>
    </message>
    <message>
      <source>Unread from here</source>
      <translation>여기부터 읽지 않음</translation>
    </message>
    <message>
      <source>Unread {count}</source>
      <translation>안 읽음 {count}</translation>
    </message>
    <message>
      <source>Untitled room</source>
      <translation>이름 없는 방</translation>
    </message>
    <message>
      <source>Use this PC as the primary device</source>
      <translation>이 PC를 기본 기기로 쓰기</translation>
    </message>
    <message>
      <source>Use this device's key store too</source>
      <translation>이 기기의 열쇠 저장소도 쓰기</translation>
    </message>
    <message>
      <source>Use this passphrase</source>
      <translation>이 암호 쓰기</translation>
    </message>
    <message>
      <source>Verified</source>
      <translation>확인됨</translation>
    </message>
    <message numerus="yes">
      <source>Wait %n s.</source>
      <translation>
        <numerusform>%n초 기다려 주세요.</numerusform>
      </translation>
    </message>
    <message>
      <source>Waiting</source>
      <translation>기다림</translation>
    </message>
    <message>
      <source>Waiting to be removed</source>
      <translation>제거 대기 중</translation>
    </message>
    <message>
      <source>Waiting to be sent</source>
      <translation>보내려고 기다리던 메시지</translation>
    </message>
    <message>
      <source>Wants to talk to you</source>
      <translation>대화를 요청했습니다</translation>
    </message>
    <message>
      <source>Weeks</source>
      <translation>주</translation>
    </message>
    <message>
      <source>What a notification shows</source>
      <translation>알림에 표시할 내용</translation>
    </message>
    <message>
      <source>What can I do?</source>
      <translation>무엇을 할 수 있나요?</translation>
    </message>
    <message>
      <source>What could be read is back</source>
      <translation>읽을 수 있는 것을 되살렸습니다</translation>
    </message>
    <message>
      <source>What is under way is brought to its end first.</source>
      <translation>진행 중인 일을 먼저 끝맺습니다.</translation>
    </message>
    <message>
      <source>What others and this screen get to see.</source>
      <translation>다른 사람과 이 화면에 보이는 것을 정합니다.</translation>
    </message>
    <message>
      <source>What stays has moved into a new store</source>
      <translation>남길 것만 새 저장소로 옮겼습니다</translation>
    </message>
    <message>
      <source>What the people you talk to see of you.</source>
      <translation>대화하는 사람들에게 보이는 내 모습입니다.</translation>
    </message>
    <message>
      <source>What the relay holds right now</source>
      <translation>릴레이가 지금 가진 것</translation>
    </message>
    <message>
      <source>What was begun is finished at the next start.</source>
      <translation>시작한 지우기는 다음에 켤 때 끝까지 마칩니다.</translation>
    </message>
    <message>
      <source>When the screen is locked</source>
      <translation>화면이 잠길 때</translation>
    </message>
    <message>
      <source>When the window is closed</source>
      <translation>창을 닫을 때</translation>
    </message>
    <message>
      <source>When you are online, or typing</source>
      <translation>접속과 입력 중 표시</translation>
    </message>
    <message>
      <source>When you remove a device, your phone signs a new device list and takes it out of every room. While the phone is off it is shown as “waiting to be removed”.</source>
      <translation>기기를 제거하면 휴대전화가 새 기기 목록에 서명하고 모든 방에서 그 기기를 뺍니다. 휴대전화가 꺼져 있으면 켜질 때까지 ‘제거 대기 중’으로 보입니다.</translation>
    </message>
    <message>
      <source>While Byre is locked nothing is shown at all.</source>
      <translation>외양간이 잠긴 동안에는 아무것도 알리지 않습니다.</translation>
    </message>
    <message>
      <source>While locked, notifications show no names and no texts</source>
      <translation>잠긴 동안 알림에 이름과 내용을 보이지 않습니다</translation>
    </message>
    <message>
      <source>Who can read this room</source>
      <translation>누가 이 방을 읽을 수 있나</translation>
    </message>
    <message>
      <source>Whoever has the file and the code has this device: its keys and its messages.</source>
      <translation>파일과 코드를 가진 사람은 이 기기의 열쇠와 메시지를 모두 갖게 됩니다.</translation>
    </message>
    <message>
      <source>Whoever has this code can take over your account. Byre never asks for it.</source>
      <translation>이 코드를 가진 사람은 계정을 가져갈 수 있습니다. 외양간은 이 코드를 절대 묻지 않습니다.</translation>
    </message>
    <message>
      <source>Wipe certificate</source>
      <translation>지움 확인서</translation>
    </message>
    <message>
      <source>Wipe certificates</source>
      <translation>지움 확인서</translation>
    </message>
    <message>
      <source>Write a message</source>
      <translation>메시지 보내기</translation>
    </message>
    <message>
      <source>Write a message to {name}</source>
      <translation>{name}에게 메시지 보내기</translation>
    </message>
    <message>
      <source>Write a message to {title}</source>
      <translation>{title}에 메시지 보내기</translation>
    </message>
    <message>
      <source>Write down the code of this backup</source>
      <translation>이 백업의 코드를 적어 두세요</translation>
    </message>
    <message>
      <source>Write down your recovery code</source>
      <translation>복구 코드를 적어 두세요</translation>
    </message>
    <message>
      <source>Written by whom?</source>
      <translation>누가 쓴 메시지를 찾을까요?</translation>
    </message>
    <message>
      <source>Yes, it says so</source>
      <translation>네, 그렇게 나옵니다</translation>
    </message>
    <message>
      <source>You are invited: {title}</source>
      <translation>초대받은 방입니다: {title}</translation>
    </message>
    <message>
      <source>You are no longer in this room</source>
      <translation>이 방에서 나왔습니다</translation>
    </message>
    <message>
      <source>You can no longer read or write in it, on all your devices. What you already have stays on them until you erase it.</source>
      <translation>내 모든 기기에서 이 방을 더는 읽거나 쓸 수 없습니다. 이미 받은 것은 지울 때까지 기기에 남습니다.</translation>
    </message>
    <message>
      <source>You cannot send until the key is checked</source>
      <translation>키를 확인할 때까지 보낼 수 없습니다</translation>
    </message>
    <message>
      <source>You may not do this here.</source>
      <translation>이 작업을 할 권한이 없습니다.</translation>
    </message>
    <message>
      <source>You stay in the room; what is written later shows up in it again.</source>
      <translation>방에는 그대로 남습니다. 앞으로 오는 메시지는 다시 보입니다.</translation>
    </message>
    <message>
      <source>Your PC asks for its key</source>
      <translation>내 PC가 열쇠를 돌려 달라고 합니다</translation>
    </message>
    <message>
      <source>Your browser opens it, outside of Byre: the site sees your address. Byre loads nothing of it.</source>
      <translation>외양간 밖의 브라우저에서 열립니다. 사이트는 내 인터넷 주소를 봅니다. 외양간은 아무것도 불러오지 않습니다.</translation>
    </message>
    <message>
      <source>Your conversations do not open</source>
      <translation>대화를 열 수 없습니다</translation>
    </message>
    <message>
      <source>Your direct conversations, the name and what you verified are erased here, without a trace.</source>
      <translation>1:1 대화와 이름, 확인 기록을 이 기기에서 흔적 없이 지웁니다.</translation>
    </message>
    <message>
      <source>Your other devices</source>
      <translation>내 다른 기기</translation>
    </message>
    <message>
      <source>Your phone took this PC out of your account. It receives and sends nothing any more. What it already has is still here.</source>
      <translation>휴대전화가 이 PC를 계정에서 뺐습니다. 이제 받거나 보내지 않습니다. 이미 있는 대화는 그대로 남아 있습니다.</translation>
    </message>
    <message numerus="yes">
      <source>again in %n s</source>
      <translation>
        <numerusform>%n초 뒤 다시</numerusform>
      </translation>
    </message>
    <message>
      <source>can be unlinked at any time in Settings → Linked devices.</source>
      <translation>설정 → 연결된 기기에서 언제든 끊을 수 있습니다.</translation>
    </message>
    <message>
      <source>can read your conversations and write in your name.</source>
      <translation>내 대화를 읽고 내 이름으로 보낼 수 있습니다.</translation>
    </message>
    <message>
      <source>checking</source>
      <translation>확인하는 중</translation>
    </message>
    <message>
      <source>disappears in {time}</source>
      <translation>{time} 뒤 사라짐</translation>
    </message>
    <message>
      <source>generation {number}</source>
      <translation>세대 {number}</translation>
    </message>
    <message>
      <source>gone after {time}</source>
      <translation>{time} 뒤 사라짐</translation>
    </message>
    <message>
      <source>must be yours. Whoever has the key can read what is stored on it.</source>
      <translation>내 것이어야 합니다. 열쇠를 가진 사람은 그 PC에 저장된 대화를 읽을 수 있습니다.</translation>
    </message>
    <message>
      <source>name or name@relay</source>
      <translation>아이디 또는 아이디@릴레이</translation>
    </message>
    <message>
      <source>new messages disappear after {time}</source>
      <translation>새 메시지는 {time} 뒤 사라집니다</translation>
    </message>
    <message>
      <source>number {number}</source>
      <translation>번호 {number}</translation>
    </message>
    <message>
      <source>offline: sent once connected</source>
      <translation>오프라인: 연결되면 보냅니다</translation>
    </message>
    <message>
      <source>opens the conversations that it already has.</source>
      <translation>이미 가지고 있는 대화를 다시 엽니다.</translation>
    </message>
    <message>
      <source>stays linked as it was: no device is added.</source>
      <translation>연결된 상태 그대로입니다. 새 기기가 늘지 않습니다.</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>모름</translation>
    </message>
    <message>
      <source>works by itself while the phone is off.</source>
      <translation>휴대전화가 꺼져 있어도 혼자 동작합니다.</translation>
    </message>
    <message numerus="yes">
      <source>{at} of %n in this room</source>
      <translation>
        <numerusform>이 방에서 %n건 중 {at}</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{at} of more than %n in this room</source>
      <translation>
        <numerusform>이 방에서 %n건 이상 중 {at}</numerusform>
      </translation>
    </message>
    <message>
      <source>{count}</source>
      <translation>{count}개</translation>
    </message>
    <message>
      <source>{count} → {found} found</source>
      <translation>{count}개 → {found}개 발견</translation>
    </message>
    <message numerus="yes">
      <source>{erased} of %n other devices have erased it so far</source>
      <translation>
        <numerusform>다른 %n대 중 {erased}대가 지웠다고 답함</numerusform>
      </translation>
    </message>
    <message>
      <source>{name} (me)</source>
      <translation>{name} (나)</translation>
    </message>
    <message>
      <source>{name} can open its conversations again.</source>
      <translation>{name}에서 대화를 다시 열 수 있습니다.</translation>
    </message>
    <message>
      <source>{name} wants to talk to you</source>
      <translation>{name} 님이 대화를 요청했습니다</translation>
    </message>
    <message>
      <source>{name}'s key has changed</source>
      <translation>{name} 님의 키가 바뀌었습니다</translation>
    </message>
    <message>
      <source>{percent} %</source>
      <translation>{percent} %</translation>
    </message>
    <message>
      <source>{percent} % erased</source>
      <translation>{percent} % 지웠습니다</translation>
    </message>
    <message>
      <source>{platform} · the QR code was read just now</source>
      <translation>{platform} · QR 코드를 방금 읽었습니다</translation>
    </message>
    <message>
      <source>{subject} left</source>
      <translation>{subject} 님이 나갔습니다</translation>
    </message>
    <message>
      <source>{subject}'s key has changed</source>
      <translation>{subject} 님의 키가 바뀌었습니다</translation>
    </message>
    <message>
      <source>{subject}'s safety number was compared · verified</source>
      <translation>{subject} 님의 보안 번호를 비교했습니다 · 확인됨</translation>
    </message>
    <message>
      <source>{time} left</source>
      <translation>남은 시간 {time}</translation>
    </message>
    <message>
      <source>{time} left · after three wrong tries start again</source>
      <translation>남은 시간 {time} · 세 번 틀리면 처음부터 다시 합니다</translation>
    </message>
    <message>
      <source>{who} changed how long messages stay</source>
      <translation>{who} 님이 메시지 보관 기간을 바꿨습니다</translation>
    </message>
    <message>
      <source>{who} erased messages here</source>
      <translation>{who} 님이 여기서 메시지를 지웠습니다</translation>
    </message>
    <message>
      <source>{who} gave this room another name</source>
      <translation>{who} 님이 방 이름을 바꿨습니다</translation>
    </message>
    <message>
      <source>{who} invited {subject}</source>
      <translation>{who} 님이 {subject} 님을 초대했습니다</translation>
    </message>
    <message>
      <source>{who} opened this room</source>
      <translation>{who} 님이 방을 열었습니다</translation>
    </message>
    <message>
      <source>{who} removed {subject}</source>
      <translation>{who} 님이 {subject} 님을 내보냈습니다</translation>
    </message>
    <message>
      <source>{who}'s PC entered this room</source>
      <translation>{who} 님의 PC가 이 방에 들어왔습니다</translation>
    </message>
    <message>
      <source>{who}'s PC is back · missed messages follow</source>
      <translation>{who} 님의 PC가 돌아왔습니다 · 못 받은 메시지를 다시 받습니다</translation>
    </message>
    <message>
      <source>{who}'s PC is no longer in the device list</source>
      <translation>{who} 님의 PC가 기기 목록에서 빠졌습니다 · 이 방에서 빼는 중</translation>
    </message>
    <message>
      <source>{who}'s PC left this room</source>
      <translation>{who} 님의 PC가 이 방에서 나갔습니다</translation>
    </message>
    <message>
      <source>“No” throws the link away and makes a new QR code. If the phone showed another address, somebody may have shown you another QR code.</source>
      <translation>‘아니요’를 누르면 연결을 버리고 새 QR 코드를 만듭니다. 휴대전화에 다른 주소가 나왔다면 누군가 다른 QR 코드를 보여 준 것일 수 있습니다.</translation>
    </message>
    <message>
      <source>↑ ↓ choose · Enter opens the chat · Esc clears</source>
      <translation>↑ ↓ 고르기 · Enter 대화 열기 · Esc 지우기</translation>
    </message>
  </context>
</TS>
