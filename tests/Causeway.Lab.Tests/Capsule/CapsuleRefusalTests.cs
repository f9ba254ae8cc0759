using Causeway.Lab.Capsule;

namespace Causeway.Lab.Tests.Capsule;

public sealed class CapsuleRefusalTests
{
    [Theory]
    [InlineData("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1")]
    [InlineData("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=10000")]
    [InlineData("kernel/apparmor_restrict_unprivileged_userns", "1",
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0")]
    public void The_setting_in_the_way_is_named_with_its_remedy(string path, string value, string remedy)
    {
        var text = CapsuleRefusal.Explain(asked => asked == path ? value : null);
        Assert.Contains(remedy, text, StringComparison.Ordinal);
        Assert.Contains("as root", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_that_allows_it_gives_no_reason() => Assert.Null(CapsuleRefusal.Explain(_ => null));
}
