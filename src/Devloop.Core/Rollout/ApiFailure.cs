using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Devloop.Diagnostics;
using Devloop.Ports;

namespace Devloop.Rollout;

/// <summary>Says in the user's terms what an API server refused.</summary>
public static partial class ApiFailure
{
    /// <summary>
    /// Whether a change was refused because a field cannot be changed in place: the object has to go and come anew. The API server has no
    /// reason of its own for it, so its words decide (validation.FieldImmutableErrorMsg of apimachinery, and those of StatefulSets and Pods).
    /// </summary>
    public static bool IsImmutableField(ClusterException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure.Status == 422 && failure.Causes.Select(c => c.Message).Append(failure.Message).Any(m =>
            m.Contains("immutable", StringComparison.Ordinal)
            || m.Contains("updates to statefulset spec for fields other than", StringComparison.Ordinal)
            || m.Contains("pod updates may not change fields other than", StringComparison.Ordinal));
    }

    public static Diagnostic ToDiagnostic(ClusterException failure, ObjectReference about)
    {
        ArgumentNullException.ThrowIfNull(failure);
        ArgumentNullException.ThrowIfNull(about);
        string name = $"`{about}`";
        string message = Shown(failure.Message, about);
        if (failure.Status == 0)
        {
            return Diagnostic.Error(DiagnosticCode.ClusterUnreachable, $"the cluster gave no answer for {name}: {message}") with
            {
                Help = "start the cluster, or look at it with `kubectl cluster-info`; the next change tries again",
            };
        }
        if (failure.Status == 401)
        {
            return Diagnostic.Error(DiagnosticCode.ClusterUnreachable, $"the cluster refuses the credentials of the kubeconfig for {name}") with
            {
                Notes = [message],
                Help = "sign in again; `kubectl get pods` works once the credentials are valid",
            };
        }
        if (failure.Reason == ClusterException.NoKindMatch)
        {
            return Diagnostic.Error(DiagnosticCode.KindUnknown, $"the cluster knows no kind `{about.Kind.Kind}` in `{about.Kind.ApiVersion}`, wanted for {name}") with
            {
                Help = "install the CustomResourceDefinition or the add-on that brings the kind, or correct `apiVersion` and `kind`",
            };
        }
        if (failure.Status == 403 && Refusal().Match(failure.Message) is { Success: true } refusal)
            return Forbidden(refusal, name);
        if (MissingNamespace().Match(failure.Message) is { Success: true } missing)
        {
            string @namespace = missing.Groups["name"].Value;
            return Diagnostic.Error(DiagnosticCode.NamespaceMissing, $"namespace `{@namespace}` of {name} does not exist") with
            {
                Help = $"add a manifest of kind Namespace, or create it with `kubectl create namespace {@namespace}`",
            };
        }
        return Rejected(failure, message, about);
    }

    private static Diagnostic Forbidden(Match refusal, string name)
    {
        string verb = refusal.Groups["verb"].Value;
        string resource = refusal.Groups["resource"].Value + (refusal.Groups["group"] is { Success: true, Length: > 0 } group ? "." + group.Value : "");
        string user = refusal.Groups["user"].Value;
        string where = refusal.Groups["namespace"] is { Success: true } ns ? $" in namespace `{ns.Value}`" : "";
        string flag = refusal.Groups["namespace"].Success ? $" -n {refusal.Groups["namespace"].Value}" : "";
        return Diagnostic.Error(DiagnosticCode.ApplyForbidden, $"not allowed to {verb} `{resource}`{where}, wanted for {name}") with
        {
            Notes = [$"the cluster knows you as `{user}`"],
            Help = $"ask for a role with the verb `{verb}` on `{resource}`; `kubectl auth can-i {verb} {resource}{flag}` shows when it is there",
        };
    }

    private static Diagnostic Rejected(ClusterException failure, string message, ObjectReference about)
    {
        ImmutableArray<string> causes = [.. failure.Causes
            .Where(c => c.Field.Length > 0)
            .Select(c => Shown($"{c.Field}: {c.Message}", about))];
        return Diagnostic.Error(DiagnosticCode.ApplyRejected, $"the cluster rejected `{about}`: {(causes.IsEmpty ? message : Count(causes.Length))}") with
        {
            Notes = causes,
            Help = failure.Message.Contains("field is immutable", StringComparison.Ordinal)
                ? "the object must be deleted before it can be made anew with this value"
                : "correct the manifest",
        };
    }

    private static string Count(int fields) => fields == 1 ? "1 field is not valid" : $"{fields} fields are not valid";

    /// <summary>A server's words on one line. Those about a Secret may quote what is in it, so its values are cut out.</summary>
    private static string Shown(string message, ObjectReference about)
    {
        string line = string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        if (about.Kind.Kind != "Secret")
            return line;
        int quoted = line.IndexOf("error found in", StringComparison.Ordinal);
        return InvalidValue().Replace(quoted < 0 ? line : line[..quoted].TrimEnd(' ', ','), "Invalid value");
    }

    // The words of the RBAC authorizer, k8s.io/apiserver/pkg/endpoints/handlers/responsewriters.
    [GeneratedRegex("""User "(?<user>[^"]*)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)"(?: in API group "(?<group>[^"]*)")?(?: in the namespace "(?<namespace>[^"]+)")?""")]
    private static partial Regex Refusal();

    [GeneratedRegex("""^namespaces "(?<name>[^"]+)" not found""")]
    private static partial Regex MissingNamespace();

    [GeneratedRegex("""Invalid value: ("(\\.|[^"\\])*"|[^:]*)""")]
    private static partial Regex InvalidValue();
}
