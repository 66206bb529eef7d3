using System.Collections.Immutable;
using Devloop.Diagnostics;

namespace Devloop.Dockerfiles;

/// <summary>The ARG instructions before the first FROM: defaults may use args above them, build args override them, and platform args are there from the start.</summary>
internal sealed class GlobalScope
{
    private readonly Dictionary<string, (string Value, ImmutableHashSet<string> BuiltFrom)> _values = new(StringComparer.Ordinal);
    private readonly BuildVariables _variables;

    public GlobalScope(Dockerfile dockerfile, BuildVariables variables, string targetName, List<Diagnostic> problems)
    {
        _variables = variables;
        foreach ((string name, string value) in variables.Predefined().Append(new("TARGETSTAGE", targetName)))
            Define(name, variables.Args.GetValueOrDefault(name) ?? value, variables.Args.ContainsKey(name) ? [name] : []);
        foreach (Instruction instruction in dockerfile.GlobalArgs)
        {
            foreach (NamedValue arg in instruction.Pairs)
                Define(instruction, arg, dockerfile.Escape, problems);
        }
    }

    public string? Get(string name) => _values.TryGetValue(name, out (string Value, ImmutableHashSet<string> _) found) ? found.Value : null;

    /// <summary>The build args that a name's value was made from.</summary>
    public ImmutableHashSet<string> BuiltFrom(string name) => _values.TryGetValue(name, out (string _, ImmutableHashSet<string> BuiltFrom) found) ? found.BuiltFrom : [];

    private void Define(Instruction instruction, NamedValue arg, char escape, List<Diagnostic> problems)
    {
        string? value = null;
        ImmutableHashSet<string> builtFrom = [];
        if (_variables.Args.TryGetValue(arg.Name, out string? given))
        {
            (value, builtFrom) = (given, [arg.Name]);
        }
        else if (arg.Value is not null)
        {
            Expansion expansion = WordExpansion.Expand(arg.Value, Get, escape);
            if (expansion.Error is not null)
                problems.Add(DockerfileResolver.VariableProblem(instruction, expansion.Error));
            value = expansion.Text;
            builtFrom = expansion.Used.Aggregate(builtFrom, (all, name) => all.Union(BuiltFrom(name)));
        }
        if (value is not null)
            Define(arg.Name, value, builtFrom);
    }

    private void Define(string name, string value, ImmutableHashSet<string> builtFrom) => _values[name] = (value, builtFrom);
}
