# class: the same parameter through html.escape is only text; expected: harmless
# turn: answer "CallerName=</Say><Redirect>https://alarms.example.com/main/system/twilio-voice/x/0</Redirect><Say>"
import html
response = "<Response><Say>" + html.escape(params["CallerName"]) + "</Say></Response>"
