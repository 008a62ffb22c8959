"""Records whose values would be markup, script, a link, an escape or another direction of text."""

import json

OWNED = "window.owned=1"
VALUES = [
    f"<script>{OWNED}</script>",
    f"\"><img src=x onerror={OWNED}>",
    f"' onmouseover='{OWNED}' autofocus onfocus='{OWNED}",
    f"</td></tr></tbody></table><svg onload={OWNED}>",
    f"</title></style></script><script>{OWNED}</script>",
    f"--></textarea><iframe srcdoc='<script>parent.{OWNED}</script>'>",
    f"javascript:{OWNED}",
    "https://evil.example/?a=<b>&c=\"d\"",
    f"<a href=\"javascript:{OWNED}\">click</a>",
    f"&lt;script&gt;{OWNED}&#60;/script&#62;",
    "<style>*{display:none}</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href=https://evil.example/><form action=https://evil.example/>",
    f"{{{{constructor.constructor('{OWNED}')()}}}} ${{{OWNED}}}",
    "\u202eevil\u2066 \u200bzero\ufeff\u00ad",
    "\x1b[31m\x07\x9b31m\x7f",
    "line\nbreak\ttab\rreturn",
    "א\u05d1ג شبكة abc",
    "Z̸̢͖͝a̷̜͌l̵͓̇g̴̰̈́ỏ̵̬",
    "\u2028\u2029\u0085",
    "null", "", "–", "“”", " leading and trailing ",
    "x" * 5000,
    json.dumps({"a": f"</div></details><script>{OWNED}</script>", "b": ["\u202e", 1.5] * 8}),
]
# What a browser would not show, or would act on; line breaks and tabs are kept in cells.
CODES = set("\u202e\u2066\u200b\ufeff\u00ad\x1b\x07\x9b\x7f\r\u2028\u2029\u0085")


def shown(value):
    return "".join(f"\\u{{{ord(one):x}}}" if one in CODES else one for one in value)


def write_trail(folder):
    folder.mkdir(parents=True)
    records = []
    for number, value in enumerate(VALUES):
        name = ["UpdateService", "RunTask", "CreateService"][number % 3]
        records.append({
            "eventVersion": "1.11", "eventTime": f"2026-04-{26 + number % 3}T{number % 24:02}:00:00Z",
            "awsRegion": "eu-west-1", "eventName": name, "eventSource": "ecs.amazonaws.com",
            "eventType": "AwsApiCall", "readOnly": False, "eventID": f"event-{number}",
            "recipientAccountId": "111122223333", "sourceIPAddress": "203.0.113.7", "userAgent": value,
            "errorCode": value if number % 4 == 0 else None, "errorMessage": value if number % 4 == 0 else None,
            "userIdentity": {
                "type": "IAMUser", "userName": value, "accountId": "111122223333",
                "arn": f"arn:aws:iam::111122223333:user/{value}", "principalId": "AIDAEXAMPLE",
            },
            "requestParameters": {"cluster": value, "service": value, "serviceName": value, "desiredCount": number},
            "responseElements": None,
        })
    (folder / "hostile.json").write_text(json.dumps({"Records": records}))
