using System.Security.Cryptography;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Lab.ApiServer;
using Causeway.Lab.ApiServer.Accounts;
using Causeway.Lab.Fabric;

namespace Causeway.Lab.Capsule;

/// <summary>The API server's certificate and token, and the kubeconfig files made of them. They outlive a stop.</summary>
/// <param name="AccountKey">Signs the tokens of service accounts.</param>
internal sealed record LabCredentials(LabCertificates Certificates, string Token, string AccountKey)
{
    private const int TokenBytes = 24;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads what the lab has, or makes it.</summary>
    /// <param name="services">The API server's certificate holds for its own Service's address in each.</param>
    public static LabCredentials Ensure(
        LabDirectory lab, FabricLayout layout, IEnumerable<Prefix> services, DateTimeOffset now)
    {
        var folder = lab.CertificateDirectory;
        // A lab of before there were service accounts gets all of it anew.
        if (File.Exists(Path.Combine(folder, "token")) && File.Exists(Path.Combine(folder, "sa.key")))
            return new(
                new(Read("ca.crt"), Read("server.crt"), Read("server.key")), Read("token"), Read("sa.key"));
        Directory.CreateDirectory(folder);
        var made = LabCertificates.Create(
            now, [], [.. layout.Api.Select(a => a.Address.ToSystem()), .. services.Select(s => s.Address.Add(1).ToSystem())]);
        var accountKey = AccountOptions.NewKey();
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        Write(Path.Combine(folder, "ca.crt"), made.AuthorityPem);
        Write(Path.Combine(folder, "server.crt"), made.CertificatePem);
        Write(Path.Combine(folder, "server.key"), made.PrivateKeyPem);
        Write(Path.Combine(folder, "sa.key"), accountKey);
        // Last: its presence says that the others are whole.
        Write(Path.Combine(folder, "token"), token);
        return new(made, token, accountKey);

        string Read(string name) => File.ReadAllText(Path.Combine(folder, name));
    }

    /// <summary>For the host, at the port on its loopback; for the capsule, on its own; for the nodes, on the fabric.</summary>
    public void WriteKubeconfigs(LabDirectory lab, FabricLayout layout, int hostPort)
    {
        Write(lab.Kubeconfig, Kubeconfig(lab.Name, $"https://127.0.0.1:{hostPort}"));
        Write(lab.LocalKubeconfig, Kubeconfig(lab.Name, $"https://127.0.0.1:{FabricLayout.ApiPort}"));
        Write(lab.NodeKubeconfig, Kubeconfig(lab.Name, $"https://{layout.Api[0].Address.ToHost()}:{FabricLayout.ApiPort}"));
    }

    /// <summary>The port on the host's loopback that the lab had last; null when it was never up.</summary>
    public static int? PortOf(LabDirectory lab)
    {
        if (!File.Exists(lab.Kubeconfig)) return null;
        var server = File.ReadLines(lab.Kubeconfig)
            .Select(line => line.Trim())
            .FirstOrDefault(line => line.StartsWith("server: ", StringComparison.Ordinal));
        return server is not null && Uri.TryCreate(server["server: ".Length..], UriKind.Absolute, out var uri)
            ? uri.Port
            : null;
    }

    private string Kubeconfig(string lab, string server) => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: causeway-{lab}
          cluster:
            server: {server}
            certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(Certificates.AuthorityPem))}
        users:
        - name: admin
          user:
            token: {Token}
        contexts:
        - name: causeway-{lab}
          context:
            cluster: causeway-{lab}
            user: admin
        current-context: causeway-{lab}

        """;

    private static void Write(string path, string text)
    {
        var next = path + ".next";
        using (var file = new FileStream(next, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private,
        }))
            file.Write(Encoding.UTF8.GetBytes(text));
        File.Move(next, path, overwrite: true);
    }
}
