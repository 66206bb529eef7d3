using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Core.Tests.Config;

public class CredentialsSectionTests
{
    [Theory]
    [InlineData("secrets: {token: {env: TOKEN}, key: {file: ./keys/a.pem}}")]
    [InlineData("secrets: ['id=token,env=TOKEN', 'id=key,src=keys/a.pem']")]
    [InlineData("secrets: ['type=env,id=token,env=TOKEN', 'id=key,source=keys/a.pem,type=file']")]
    public void Secrets_are_written_as_a_mapping_or_as_docker_writes_them(string yaml) =>
        Image(yaml).Secrets.Select(s => (s.Id, s.File, s.Variable)).ShouldBe([("token", null, "TOKEN"), ("key", "keys/a.pem", null)]);

    [Theory]
    [InlineData("ssh: default", "default", null)]
    [InlineData("ssh: [default]", "default", null)]
    [InlineData("ssh: ['git=/run/agent.sock']", "git", "/run/agent.sock")]
    public void Agents_are_written_as_docker_writes_them(string yaml, string id, string? socket) =>
        Image(yaml).Ssh.Select(a => (a.Id, a.Socket)).ShouldBe([(id, socket)]);

    [Theory]
    [InlineData("secrets: {token: TOKEN}", DiagnosticCode.WrongType, "secret `token` is a mapping")]
    [InlineData("secrets: {token: {}}", DiagnosticCode.WrongType, "secret `token` is either in a file or in an environment variable")]
    [InlineData("secrets: {token: {env: A, file: b}}", DiagnosticCode.WrongType, "secret `token` is either in a file or in an environment variable")]
    [InlineData("secrets: {token: {env: A, fiel: b}}", DiagnosticCode.UnknownKey, "unknown key `fiel` in secret `token`")]
    [InlineData("secrets: ['src=a']", DiagnosticCode.WrongType, "a secret has an id")]
    [InlineData("secrets: ['id=a,path=b']", DiagnosticCode.WrongType, "`path=b` says nothing of a secret")]
    public void What_is_no_secret_is_told_at_its_place(string yaml, string code, string message)
    {
        Diagnostic problem = Read(yaml).Diagnostics.ShouldHaveSingleItem();
        (problem.Code, problem.Message, problem.At!.Line).ShouldBe((code, message, 4));
    }

    private static ImageTarget Image(string yaml) => Read(yaml).Value.ShouldNotBeNull().Images.ShouldHaveSingleItem();

    private static Parsed<Project> Read(string yaml) => ConfigReader.Read(new SourceText("devloop.yaml", $"version: 1\nimages:\n  api:\n    {yaml}\n"), "/project");
}
