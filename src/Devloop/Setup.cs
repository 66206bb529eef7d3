using System.Collections.Immutable;
using Devloop.Adapters.Docker;
using Devloop.Adapters.BuildKit;
using Devloop.Adapters.Files;
using Devloop.Adapters.Kubernetes;
using Devloop.Cli.Commands;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Session;

namespace Devloop.Cli;

/// <summary>The one place where adapters and Core are put together.</summary>
internal static class Setup
{
}
