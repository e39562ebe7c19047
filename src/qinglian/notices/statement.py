"""What every mail and brief says of leads."""

STATEMENT = (
    "线索是待核实的信号，不是结论，更不是对任何人的指控：请先看“可能的合理情形”，调阅原单、听取说明，"
    "复核之后才认定。"
)
#: Labels of subjects hold codes. Names stand on the page of those who may read them, never in a
#: mail or a file, which anybody may pass on.
NO_NAMES = "工作人员以科室与工号表示"
