using Causeway.Cni;

return Plugin.Run(Environment.GetEnvironmentVariable);
