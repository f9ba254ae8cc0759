using Causeway.Lab.Workloads;
using CsCheck;

namespace Causeway.Lab.Tests.Workloads;

public sealed class ImageTableTests
{
    private static readonly string[] Program = ["/bin/causeway"];

    private static string Run(string image, string[]? command = null, params string[] args)
    {
        var resolved = ImageTable.Resolve(image, command ?? [], args, Program);
        return resolved.Arguments is null ? "error: " + resolved.Error : string.Join(' ', resolved.Arguments);
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("nginx:1.27-alpine")]
    [InlineData("docker.io/library/nginx@sha256:abcd")]
    [InlineData("registry.example.com:5000/mirror/nginx:latest")]
    public void Any_registry_and_tag_names_the_same_workload(string image) =>
        Assert.Equal("/bin/causeway workload http --port 80", Run(image));

    [Fact]
    public void Agnhost_runs_its_subcommands()
    {
        const string image = "registry.k8s.io/e2e-test-images/agnhost:2.53";
        Assert.Equal("/bin/causeway workload http --port 8080 --udp-port 8081", Run(image, null, "netexec"));
        Assert.Equal(
            "/bin/causeway workload http --port 80",
            Run(image, null, "netexec", "--http-port=80", "--udp-port=-1"));
        Assert.Equal("/bin/causeway workload http --port 9376", Run(image, null, "serve-hostname"));
        Assert.Equal(
            "/bin/causeway workload udp-hostname --port 53",
            Run(image, null, "serve-hostname", "--udp", "--port", "53"));
        Assert.Equal("sleep infinity", Run(image, null, "pause"));
        Assert.Equal("sleep infinity", Run(image));
        Assert.Equal("/bin/causeway workload http --port 8080 --udp-port 8081", Run(image, ["/agnhost"], "netexec"));
        Assert.Contains("'guestbook'", Run(image, null, "guestbook"));
        Assert.Contains("--http-port=99999", Run(image, null, "netexec", "--http-port=99999"));
    }

    [Fact]
    public void An_image_without_entry_point_takes_its_arguments_as_the_command()
    {
        Assert.Equal("sleep infinity", Run("busybox"));
        Assert.Equal("ping -c1 10.0.0.1", Run("busybox", null, "ping", "-c1", "10.0.0.1"));
        Assert.Equal("curl -s http://web", Run("curlimages/curl", null, "-s", "http://web"));
        Assert.Equal("sleep infinity", Run("registry.k8s.io/pause:3.10"));
    }

    [Fact]
    public void A_command_runs_whatever_the_image() => Assert.Equal("sh -c date", Run("acme/app", ["sh", "-c"], "date"));

    [Fact]
    public void An_unknown_image_without_command_names_what_is_known()
    {
        var error = Run("acme/app:1");
        Assert.Contains("'acme/app:1'", error);
        Assert.Contains("nginx", error);
        Assert.Contains("''", Run(""));
    }

    [Fact]
    public void Http_echo_serves_its_text_on_its_port() => Assert.Equal(
        "/bin/causeway workload http --port 8080 --text hi",
        Run("hashicorp/http-echo", null, "-listen=:8080", "-text", "hi"));

    [Fact]
    public void Any_text_as_image_gives_a_command_or_an_error() =>
        Gen.String.Sample(text => ImageTable.Resolve(text, [], [], Program) is var r
            && (r.Arguments is null) == (r.Error is not null));
}
