using Causeway.Lab.Capsule;
using CsCheck;

namespace Causeway.Lab.Tests.Capsule;

public sealed class ProcessIdentityTests
{
    [Fact]
    public void This_process_lives() => Assert.True(ProcessIdentity.Of(Environment.ProcessId)!.IsAlive());

    [Fact]
    public void Another_process_with_the_same_number_is_not_the_one_meant()
    {
        var self = ProcessIdentity.Of(Environment.ProcessId)!;
        Assert.False((self with { StartTime = self.StartTime + 1 }).IsAlive());
        Assert.False((self with { Boot = "another" }).IsAlive());
    }

    [Fact]
    public void A_number_that_nobody_has_is_nobody() => Assert.Null(ProcessIdentity.Of(int.MaxValue));

    [Fact]
    public void A_name_may_hold_blanks_and_parentheses()
    {
        var fields = string.Join(' ', Enumerable.Range(4, 40));
        Assert.Equal(new ProcessStat('T', 22), ProcessStat.Parse($"7 (a) R (b) T {fields}"));
    }

    [Fact]
    public void Any_text_is_read_or_refused() =>
        Gen.String["0123456789 ()RSTZ"].Sample(text => { _ = ProcessStat.Parse(text); });
}
