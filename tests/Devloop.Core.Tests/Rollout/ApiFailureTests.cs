using Devloop.Diagnostics;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Core.Tests.Rollout;

public sealed class ApiFailureTests
{
    private static readonly ObjectReference Web = new(new ObjectKind("apps/v1", "Deployment"), "dev", "web");

    [Theory]
    [InlineData(0, "", "the connection was refused", "DL5002", "the cluster gave no answer for `deployment/web`: the connection was refused")]
    [InlineData(401, "Unauthorized", "Unauthorized", "DL5002", "the cluster refuses the credentials of the kubeconfig for `deployment/web`")]
    [InlineData(404, "NoKindMatch", "the cluster knows no kind", "DL4004", "the cluster knows no kind `Deployment` in `apps/v1`, wanted for `deployment/web`")]
    [InlineData(404, "NotFound", "namespaces \"dev\" not found", "DL4003", "namespace `dev` of `deployment/web` does not exist")]
    [InlineData(403, "Forbidden", "deployments.apps \"web\" is forbidden: User \"jane\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"dev\"", "DL4002", "not allowed to patch `deployments.apps` in namespace `dev`, wanted for `deployment/web`")]
    [InlineData(403, "Forbidden", "namespaces is forbidden: User \"jane\" cannot create resource \"namespaces\" in API group \"\" at the cluster scope", "DL4002", "not allowed to create `namespaces`, wanted for `deployment/web`")]
    [InlineData(403, "Forbidden", "pods \"web\" is forbidden: exceeded quota: small", "DL4001", "the cluster rejected `deployment/web`: pods \"web\" is forbidden: exceeded quota: small")]
    public void A_refusal_is_told_in_the_users_terms(int status, string reason, string message, string code, string told)
    {
        Diagnostic diagnostic = ApiFailure.ToDiagnostic(new ClusterException(status, reason, message), Web);
        (diagnostic.Code, diagnostic.Message).ShouldBe((code, told));
        diagnostic.Help.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void Each_field_that_is_not_valid_is_told()
    {
        Diagnostic diagnostic = ApiFailure.ToDiagnostic(new ClusterException(422, "Invalid", "Deployment.apps \"web\" is invalid: [...]", [new ClusterCause("FieldValueInvalid", "Invalid value: -1: must be greater than or equal to 0", "spec.replicas"), new ClusterCause("FieldValueRequired", "Required value", "spec.selector")]), Web);
        diagnostic.Message.ShouldBe("the cluster rejected `deployment/web`: 2 fields are not valid");
        diagnostic.Notes.ShouldBe(["spec.replicas: Invalid value: -1: must be greater than or equal to 0", "spec.selector: Required value"]);
    }

    [Fact]
    public void What_is_in_a_secret_is_never_told()
    {
        var secret = new ObjectReference(new ObjectKind("v1", "Secret"), "dev", "keys");
        Diagnostic decoding = ApiFailure.ToDiagnostic(new ClusterException(400, "BadRequest", "Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte 3, error found in #10 byte of ...|\"a\":\"hunter2\"}|..."), secret);
        decoding.Message.ShouldNotContain("hunter2");
        decoding.Message.ShouldEndWith("illegal base64 data at input byte 3");
        Diagnostic invalid = ApiFailure.ToDiagnostic(new ClusterException(422, "Invalid", "invalid", [new ClusterCause("FieldValueInvalid", "Invalid value: \"hunt\\\"er2\": must be text", "data.a")]), secret);
        invalid.Notes.ShouldBe(["data.a: Invalid value: must be text"]);
    }
}
