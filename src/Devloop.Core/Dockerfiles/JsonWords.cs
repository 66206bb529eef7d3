using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Devloop.Dockerfiles;

internal enum JsonForm
{
    /// <summary>No JSON array: the shell form.</summary>
    None,
    Strings,
    NotOnlyStrings,
}

/// <summary>Reads the JSON form of an instruction: an array of strings that takes up all of the arguments.</summary>
internal static class JsonWords
{
    public static JsonForm Read(LogicalLine line, int start, int end, out ImmutableArray<Word> words)
    {
        words = [];
        if (start >= end || line.Text[start] != '[')
            return JsonForm.None;
        byte[] json = Encoding.UTF8.GetBytes(line.Text[start..end]);
        var found = ImmutableArray.CreateBuilder<Word>();
        var reader = new Utf8JsonReader(json);
        bool onlyStrings = true;
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.String)
                {
                    int from = start + Encoding.UTF8.GetCharCount(json, 0, (int)reader.TokenStartIndex);
                    int length = Encoding.UTF8.GetCharCount(reader.ValueSpan) + 2;
                    found.Add(new Word(line, from, from + length, reader.GetString() ?? ""));
                }
                else if (reader.CurrentDepth > 0)
                {
                    onlyStrings = false;
                }
            }
        }
        catch (JsonException)
        {
            return JsonForm.None;
        }
        catch (InvalidOperationException)
        {
            return JsonForm.None; // a lone surrogate
        }
        words = found.ToImmutable();
        return onlyStrings ? JsonForm.Strings : JsonForm.NotOnlyStrings;
    }
}
