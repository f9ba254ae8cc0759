using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Causeway.Kubernetes.Configuration;

namespace Causeway.Kubernetes;

/// <summary>
/// The connections: HTTP/2 where TLS negotiates it, else HTTP/1.1; pings and keep-alives, so that a peer that
/// vanished without a word is noticed within a minute; no proxies; no compression.
/// </summary>
internal static class KubeTransport
{
    public static SocketsHttpHandler Create(KubeAccess access, KubeClientOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = options.ConnectTimeout,
            MaxConnectionsPerServer = options.MaxConnections,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            // The transport wakes four times within the shorter of the two.
            KeepAlivePingTimeout = TimeSpan.FromSeconds(30),
            ConnectCallback = options.Connect is { } connect
                ? (_, cancel) => connect(cancel)
                : static (context, cancel) =>
                    Connect(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancel),
        };
        if (access.Server.Scheme == Uri.UriSchemeHttps) handler.SslOptions = Tls(access);
        return handler;
    }

    /// <summary>A TCP connection whose loss is noticed also while nothing is sent.</summary>
    public static async ValueTask<Stream> Connect(string host, int port, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(host, port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SslClientAuthenticationOptions Tls(KubeAccess access)
    {
        var tls = new SslClientAuthenticationOptions
        {
            // The server's name is the Host header's, which KubeClient sets when the access overrides it.
            LocalCertificateSelectionCallback = (_, _, _, _, _) =>
                access.ClientCertificate?.Invoke() ?? access.Credential.Certificate!,
        };
        if (access.SkipTlsVerify)
        {
#pragma warning disable CA5359, MA0039 // The user's own, explicit choice in the kubeconfig.
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359, MA0039
        }
        else if (access.Authorities is { } authorities)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            policy.CustomTrustStore.AddRange(authorities);
            tls.CertificateChainPolicy = policy;
        }
        return tls;
    }
}
