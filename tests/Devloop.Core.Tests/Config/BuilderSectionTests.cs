using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Core.Tests.Config;

public class BuilderSectionTests
{
    [Theory]
    [InlineData("")]
    [InlineData("builder: docker")]
    [InlineData("builder: {kind: docker}")]
    public void The_engine_builds_unless_another_is_named(string yaml) => Read(yaml).Value!.Builder.ShouldBe(BuilderSettings.Default);

    [Fact]
    public void A_buildkit_without_an_address_is_the_one_of_the_environment() =>
        BuildKit("builder: buildkit").Address.ShouldBeNull();

    [Theory]
    [InlineData("tcp://10.0.0.5:1234")]
    [InlineData("tcp://[::1]:1234")]
    [InlineData("unix:///run/buildkit/buildkitd.sock")]
    [InlineData("kube-pod://buildkitd-0")]
    [InlineData("kube-pod://buildkitd-0?namespace=build&context=dev&container=main")]
    public void An_address_is_shown_as_it_is_written(string address) =>
        BuildKit($"builder: {{kind: buildkit, address: '{address}'}}").Address!.ToString().ShouldBe(address);

    [Fact]
    public void The_files_of_tls_are_relative_to_the_config()
    {
        BuilderTls tls = BuildKit("builder: {kind: buildkit, address: 'tcp://h:1', tls: {ca: ./certs/ca.pem, cert: cert.pem, key: key.pem, server_name: b}}").Tls!;

        (tls.Authorities?.Path, tls.Certificate?.Path, tls.Key?.Path, tls.ServerName).ShouldBe(("certs/ca.pem", "cert.pem", "key.pem", "b"));
    }

    [Theory]
    [InlineData("builder: bildkit", DiagnosticCode.BadValue, "`bildkit` is not a builder")]
    [InlineData("builder: [buildkit]", DiagnosticCode.WrongType, "`builder` is a text")]
    [InlineData("builder: {address: 'tcp://h:1'}", DiagnosticCode.MissingKey, "`builder` has no `kind`")]
    [InlineData("builder: {kind: buildkit, adress: x}", DiagnosticCode.UnknownKey, "unknown key `adress` in `builder`")]
    [InlineData("builder: {kind: buildkit, address: 'tcp://h'}", DiagnosticCode.BadValue, "`tcp://h` is not an address of a builder")]
    [InlineData("builder: {kind: buildkit, address: 'kube-pod://Pod'}", DiagnosticCode.BadValue, "`kube-pod://Pod` is not an address of a builder")]
    [InlineData("builder: {kind: buildkit, address: 'kube-pod://p?ns=x'}", DiagnosticCode.BadValue, "`kube-pod://p?ns=x` is not an address of a builder")]
    [InlineData("builder: {kind: buildkit, address: 'unix:///s', tls: {ca: a}}", DiagnosticCode.ConflictingKeys, "`tls` of `builder` does not go with `unix:///s`")]
    [InlineData("builder: {kind: docker, address: 'tcp://h:1'}", DiagnosticCode.ConflictingKeys, "`address` of `builder` does not go with `kind: docker`")]
    [InlineData("builder: {kind: buildkit, address: 'tcp://h:1', tls: {cert: a}}", DiagnosticCode.MissingKey, "`tls` has a `cert` and no `key`")]
    public void What_is_no_builder_is_told_at_its_place(string yaml, string code, string message)
    {
        Diagnostic problem = Read(yaml).Diagnostics.ShouldHaveSingleItem();
        (problem.Code, problem.Message, problem.At!.Line).ShouldBe((code, message, 3));
    }

    [Fact]
    public void A_builder_that_keeps_no_images_needs_a_registry()
    {
        Diagnostic problem = ConfigReader.Read(new SourceText("devloop.yaml", "version: 1\nbuilder: buildkit\n"), "/project").Diagnostics.ShouldHaveSingleItem();

        (problem.Code, problem.At!.Line).ShouldBe((DiagnosticCode.BuilderNeedsRegistry, 2));
    }

    private static BuilderSettings.BuildKit BuildKit(string yaml)
    {
        Parsed<Project> read = Read(yaml);
        read.Diagnostics.ShouldBeEmpty();
        return read.Value!.Builder.ShouldBeOfType<BuilderSettings.BuildKit>();
    }

    private static Parsed<Project> Read(string yaml) => ConfigReader.Read(new SourceText("devloop.yaml", $"version: 1\nregistry: {{host: \"127.0.0.1:5005\"}}\n{yaml}\n"), "/project");
}
