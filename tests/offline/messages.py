"""Small stored messages that conform, to be bent one way at a time."""

from __future__ import annotations

ENVELOPE = "http://iec.ch/TC57/2011/schema/message"
READINGS = "http://iec.ch/TC57/2011/MeterReadings#"
EVENTS = "http://iec.ch/TC57/2011/EndDeviceEvents#"
CONTROLS = "http://iec.ch/TC57/2011/EndDeviceControls#"
TYPE = "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"
UUID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

RESPONSE = f"""<ResponseMessage xmlns="{ENVELOPE}">
  <Header>
    <Verb>reply</Verb>
    <Noun>MeterReadings</Noun>
    <Timestamp>2026-01-01T00:00:02Z</Timestamp>
    <MessageID>{UUID}</MessageID>
    <CorrelationID>c-1</CorrelationID>
  </Header>
  <Reply>
    <Result>OK</Result>
  </Reply>
  <Payload>
    <MeterReadings xmlns="{READINGS}">
      <MeterReading>
        <Meter><mRID>m-1</mRID></Meter>
        <Readings>
          <timeStamp>2026-01-01T00:00:00Z</timeStamp>
          <value>17.5</value>
          <ReadingType ref="{TYPE}"/>
        </Readings>
      </MeterReading>
    </MeterReadings>
  </Payload>
</ResponseMessage>
"""

REQUEST = f"""<RequestMessage xmlns="{ENVELOPE}">
  <Header>
    <Verb>get</Verb>
    <Noun>MeterReadings</Noun>
    <Timestamp>2026-01-01T00:00:01Z</Timestamp>
    <MessageID>7c9e6679-7425-40de-944b-e07fc1f90ae6</MessageID>
    <CorrelationID>c-1</CorrelationID>
  </Header>
  <Request>
    <GetMeterReadings xmlns="http://iec.ch/TC57/2011/GetMeterReadings#">
      <EndDevice><mRID>m-1</mRID></EndDevice>
      <ReadingType><Names><name>{TYPE}</name></Names></ReadingType>
    </GetMeterReadings>
  </Request>
</RequestMessage>
"""

EVENT = f"""<EventMessage xmlns="{ENVELOPE}">
  <Header>
    <Verb>created</Verb>
    <Noun>EndDeviceEvents</Noun>
    <Timestamp>2026-01-01T00:00:02Z</Timestamp>
    <MessageID>{UUID}</MessageID>
  </Header>
  <Payload>
    <EndDeviceEvents xmlns="{EVENTS}">
      <EndDeviceEvent>
        <createdDateTime>2026-01-01T00:00:01Z</createdDateTime>
        <Assets><mRID>m-1</mRID></Assets>
        <EndDeviceEventType ref="3.26.0.85"/>
      </EndDeviceEvent>
    </EndDeviceEvents>
  </Payload>
</EventMessage>
"""

CONTROL = f"""<RequestMessage xmlns="{ENVELOPE}">
  <Header>
    <Verb>create</Verb>
    <Noun>EndDeviceControls</Noun>
    <Timestamp>2026-01-01T00:00:01Z</Timestamp>
    <MessageID>{UUID}</MessageID>
    <CorrelationID>c-2</CorrelationID>
  </Header>
  <Payload>
    <EndDeviceControls xmlns="{CONTROLS}">
      <EndDeviceControl>
        <EndDeviceControlType ref="3.31.0.23"/>
        <EndDevices>
          <Names><name>A</name></Names>
        </EndDevices>
      </EndDeviceControl>
    </EndDeviceControls>
  </Payload>
</RequestMessage>
"""
