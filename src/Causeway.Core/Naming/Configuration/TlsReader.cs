namespace Causeway.Core.Naming.Configuration;

internal static class TlsReader
{
    public static TlsSettings? Read(PluginReading line)
    {
        if (line.Arguments.Count is < 2 or > 3)
        {
            line.Complain("takes the files of a certificate and of its key, and of the clients' authority");
            return null;
        }
        var clients = ClientCertificates.None;
        line.Options(new()
        {
            ["client_auth"] = option => clients = option.Word(
                option.One(), clients, ("nocert", ClientCertificates.None), ("request", ClientCertificates.Request),
                ("require", ClientCertificates.Require), ("verify_if_given", ClientCertificates.VerifyIfGiven),
                ("require_and_verify", ClientCertificates.RequireAndVerify)),
        });
        return new(
            line.At, line.Arguments[0].Text, line.Arguments[1].Text,
            line.Arguments.Count > 2 ? line.Arguments[2].Text : null, clients);
    }
}
