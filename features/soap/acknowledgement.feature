Feature: Simple acknowledgements, both ways
  Whoever receives acknowledges at once; the answer itself may come later, and is acknowledged in turn (10.2.3, 10.2.4).

  Rule: What the suite acknowledged is settled (Figure 70)

    @SOAP-015
    Scenario Outline: An empty acknowledgement is one
      Given a read of M1 brings readings
      When M1 and M2 are asked for R1, to be answered later, which is then acknowledged with an empty <status>
      And the suite goes on listening
      Then the later answer comes once

      Examples:
        | status |
        | 200    |
        | 202    |

    @SOAP-016
    Scenario: A refused answer does not stop the system
      Given a read of M1 brings readings
      When M1 and M2 are asked for R1, to be answered later, which is then refused
      And M1 is asked for R1
      Then there are readings of every meter and type that was asked for

    @SOAP-017
    Scenario: The acknowledgement comes first
      When M1 and M2 are asked for R1, to be answered later
      Then the acknowledgement comes before the later answer

  Rule: What the system offers to take, it acknowledges (Figures 69 and 70)

    @SOAP-018
    Scenario Outline: News is acknowledged
      Given the description of the system offers <operation>
      When news of a meter that it does not have is sent to <operation>
      Then the news is acknowledged

      Examples:
        | operation    |
        | Response     |
        | PublishEvent |
