Feature: Reading meters on request
  A customer or data system asks for readings; what comes back is exactly what was asked for.

  Rule: What was asked for comes (TR 61968-900, 6.2.2 and 6.3.6)

    @MR-001
    Scenario: One meter, one reading type
      When M1 is asked for R1
      Then the reply is OK
      And there are readings of every meter and type that was asked for

    @MR-002
    Scenario: Two reading types over two meters
      When M1 and M2 are asked for R1 and R2
      Then there are readings of every meter and type that was asked for

    @MR-003
    Scenario: Two pairs of meter and reading type
      When these pairs are asked for
        | meter | reading type |
        | M1    | R1           |
        | M2    | R2           |
      Then there are readings of every meter and type that was asked for

  Rule: Nothing else comes (TR 61968-900, 6.3.2 to 6.3.6)

    @MR-004
    Scenario: Pairs are not multiplied
      When these pairs are asked for
        | meter | reading type |
        | M1    | R1           |
        | M2    | R2           |
      Then no meter brings a type that was asked of another meter

    @MR-005
    Scenario: No other meter
      When M1 is asked for R1
      Then no reading is of a meter that was not asked for

    @MR-006
    Scenario: No other reading type
      When M1 is asked for R1
      Then no reading is of a type that was not asked for

    @MR-007
    Scenario: No other time
      When M1 is asked for R1
      Then every reading lies within the window of the request

    @MR-010
    Scenario: A period without data
      Given a read of M1 brings readings
      When M1 is asked for R1, in a period without data
      Then there are no readings

  Rule: A reading is complete (TR 61968-900, 6.5.3)

    @MR-008
    Scenario: Value or quality
      When M1 is asked for R1
      Then every reading has a value or a quality

    @MR-009
    Scenario: Time
      When M1 is asked for R1
      Then every reading says its time

    @MR-009
    Scenario: Time of intervals
      When M1 is asked for interval data
      Then every reading says its time

    @MR-011
    Scenario: The past does not change
      When M1 is asked for R1
      And M1 is asked for R1
      Then both answers bring the same values

  Rule: A read without a period reads the meter now (TR 61968-900, 6.4)

    @MR-012
    Scenario: On-demand read
      When M1 is read now
      Then the value was read after the request was sent

  Rule: Interval data come in blocks (TR 61968-900, 6.5.6)

    @MR-013
    Scenario: Blocks
      When M1 is asked for interval data
      Then the interval data come in IntervalBlocks

    @MR-014
    Scenario: No gap
      When M1 is asked for interval data
      Then the interval data come in IntervalBlocks
      And no interval of the window is missing

    @MR-015
    Scenario: No interval twice
      When M1 is asked for interval data
      Then no interval comes twice
