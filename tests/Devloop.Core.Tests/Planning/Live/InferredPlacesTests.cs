using Devloop.Planning.Live;

namespace Devloop.Core.Tests.Planning.Live;

/// <summary>Where a changed file goes: as BuildKit's COPY has it.</summary>
public class InferredPlacesTests
{
    [Theory]
    [InlineData("COPY . /app", "app/a.txt", "/app/a.txt")]
    [InlineData("COPY . /app/", "app/d/e/a.txt", "/app/d/e/a.txt")]
    [InlineData("COPY . /", "app/d/a.txt", "/d/a.txt")]
    [InlineData("COPY . .", "app/a.txt", "/a.txt")]
    [InlineData("WORKDIR /srv\nCOPY . .", "app/a.txt", "/srv/a.txt")]
    [InlineData("WORKDIR /srv\nWORKDIR x/../y\nCOPY . ./z", "app/a.txt", "/srv/y/z/a.txt")]
    [InlineData("COPY src /app", "app/src/a.txt", "/app/a.txt")]
    [InlineData("COPY src/ /app/src", "app/src/d/a.txt", "/app/src/d/a.txt")]
    [InlineData("COPY ./src/../src /app", "app/src/a.txt", "/app/a.txt")]
    [InlineData("COPY /src /app", "app/src/a.txt", "/app/a.txt")]
    [InlineData("COPY a.txt /app/", "app/a.txt", "/app/a.txt")]
    [InlineData("COPY a.txt /app/b.txt", "app/a.txt", "/app/b.txt (no directory)")]
    [InlineData("WORKDIR /app\nCOPY a.txt /app", "app/a.txt", "/app/a.txt")]
    [InlineData("WORKDIR /app/x\nCOPY a.txt /app", "app/a.txt", "/app/a.txt")]
    [InlineData("WORKDIR /app\nCOPY a.txt .", "app/a.txt", "/app/a.txt")]
    [InlineData("WORKDIR /app\nCOPY a.txt ./b.txt", "app/a.txt", "/app/b.txt (no directory)")]
    [InlineData("COPY a.txt b.txt /app/", "app/a.txt", "/app/a.txt")]
    [InlineData("COPY [\"a.txt\", \"/app/\"]", "app/a.txt", "/app/a.txt")]
    [InlineData("COPY *.txt /app/", "app/a.txt", "/app/a.txt")]
    [InlineData("COPY s*/a.* /app/", "app/src/a.txt", "/app/a.txt")]
    [InlineData("COPY s* /app/", "app/src/d/a.txt", "/app/d/a.txt")]
    [InlineData("COPY s*/d /app/", "app/src/d/a.txt", "/app/a.txt")]
    [InlineData("ADD src /app", "app/src/a.txt", "/app/a.txt")]
    [InlineData("ARG to=/app\nCOPY src $to", "app/src/a.txt", "/app/a.txt")]
    [InlineData("COPY --link . /app", "app/a.txt", "/app/a.txt")]
    [InlineData("ENV X=1\nUSER 5\nCOPY . /app\nEXPOSE 80\nUSER 1000\nVOLUME /data\nCMD [\"x\"]", "app/a.txt", "/app/a.txt")]
    public void A_changed_file_goes_where_a_build_brings_it(string dockerfile, string file, string place)
    {
        string entry = InferredCase.Of("FROM scratch\n" + dockerfile).Plan(With(file, "1"), With(file, "2"));

        (string path, string rest) = place.Split(' ', 2) is [var p, var r] ? (p, " " + r) : (place, "");
        entry.ShouldBe($"{path} 644 <- {file}{rest}");
    }

    [Theory]
    [InlineData("COPY --chown=1000 . /app", "/app/a.txt 644 1000:1000 <- app/a.txt")]
    [InlineData("COPY --chown=1000:7 . /app", "/app/a.txt 644 1000:7 <- app/a.txt")]
    [InlineData("COPY --chown=root:root . /app", "/app/a.txt 644 <- app/a.txt")]
    [InlineData("COPY --chown=node:node . /app", "/app/a.txt 644 as before <- app/a.txt")]
    [InlineData("COPY --chmod=750 . /app", "/app/a.txt 750 <- app/a.txt")]
    [InlineData("COPY --chmod=0600 . /app", "/app/a.txt 600 <- app/a.txt")]
    public void Owner_and_mode_are_those_that_the_instruction_gives(string dockerfile, string entry) =>
        InferredCase.Of("FROM scratch\n" + dockerfile).Plan(With("app/a.txt", "1"), With("app/a.txt", "2")).ShouldBe(entry);

    [Fact]
    public void An_owner_by_name_is_that_of_what_stands_there_or_of_a_directory_that_the_same_instruction_brought()
    {
        InferredCase image = InferredCase.Of("FROM scratch\nWORKDIR /app\nCOPY --chown=node . .");

        image.Plan("app/d/a=1", "app/d/a=1;app/d/b=1").ShouldBe("/app/d/b 644 as before <- app/d/b");
        image.Plan("app/d/a=1", "app/d/a=1;app/d/e/b=1").ShouldBe("/app/d/e/ 755 as before; /app/d/e/b 644 as before <- app/d/e/b");
        image.Plan("app/a=1", "app/a=1;app/b=1").ShouldBe("build: `COPY --chown=node . .` gives `/app/b` to `node`, whose number is not known");
    }

    [Fact]
    public void Directories_come_before_what_is_in_them_and_keep_their_modes() =>
        InferredCase.Of("FROM scratch\nCOPY . /app").Plan("app/x=1", "app/x=1;app/d/!700;app/d/a=1;app/d/b=2!755;app/d/l -> a")
            .ShouldBe("/app/d/ 700; /app/d/a 644 <- app/d/a; /app/d/b 755 <- app/d/b; /app/d/l -> a");

    [Fact]
    public void The_mode_of_a_directory_that_is_a_source_does_not_show() =>
        InferredCase.Of("FROM scratch\nCOPY src /app").Plan("app/src/!755;app/src/a=1", "app/src/!700;app/src/a=1").ShouldBe("");

    [Fact]
    public void A_changed_mode_is_an_entry_for_a_file_and_for_a_directory() =>
        InferredCase.Of("FROM scratch\nCOPY . /app").Plan("app/d/!755;app/d/a=1", "app/d/!700;app/d/a=1!755").ShouldBe("/app/d/ 700; /app/d/a 755 <- app/d/a");

    [Fact]
    public void A_path_that_changes_its_kind_is_replaced_and_what_was_in_it_is_not_named()
    {
        InferredCase image = InferredCase.Of("FROM scratch\nCOPY . /app");

        image.Plan("app/x/a=1;app/x/b=1", "app/x=1").ShouldBe("/app/x 644 <- app/x");
        image.Plan("app/x=1", "app/x/a=1").ShouldBe("/app/x/ 755; /app/x/a 644 <- app/x/a");
        image.Plan("app/x=1", "app/x -> y").ShouldBe("/app/x -> y");
    }

    [Fact]
    public void A_source_that_becomes_a_directory_gives_what_is_in_it() =>
        InferredCase.Of("FROM scratch\nCOPY d /x\nCOPY a /").Plan("app/a=1;app/d/y=1", "app/a/x/z=1;app/d/y=1").ShouldBe("no /a; /x/z 644 <- app/a/x/z");

    [Fact]
    public void What_is_gone_on_an_empty_base_is_taken_away_and_a_directory_as_a_whole() =>
        InferredCase.Of("FROM scratch\nCOPY . /app").Plan("app/x=1;app/d/a=1;app/d/e/b=1;app/f=1", "app/x=1").ShouldBe("no /app/d; no /app/f");

    [Fact]
    public void A_directory_that_moves_is_written_anew() =>
        InferredCase.Of("FROM scratch\nCOPY . /app").Plan("app/d/a=1", "app/e/a=1").ShouldBe("no /app/d; /app/e/ 755; /app/e/a 644 <- app/e/a");

    [Fact]
    public void Of_two_copies_to_one_path_the_last_one_counts_and_the_other_shows_when_it_is_gone()
    {
        InferredCase image = InferredCase.Of("FROM scratch\nCOPY a /x/\nCOPY b /x/");

        image.Plan("app/a/f=1;app/b/f=2", "app/a/f=3;app/b/f=2").ShouldBe("");
        image.Plan("app/a/f=1;app/b/f=2", "app/a/f=1;app/b/f=3").ShouldBe("/x/f 644 <- app/b/f");
        image.Plan("app/a/f=1;app/b/f=2;app/b/g=1", "app/a/f=1;app/b/g=1").ShouldBe("/x/f 644 <- app/a/f");
        image.Plan("app/a/f=1;app/a/g=1;app/b/f=2;app/b/g=1", "app/a/g=1;app/b/g=1").ShouldBe("no /x/f");
    }

    [Fact]
    public void Of_what_a_wildcard_brings_to_one_path_the_last_one_counts()
    {
        InferredCase image = InferredCase.Of("FROM scratch\nCOPY d* /x/");

        image.Plan("app/d1/f=1;app/d2/f=2", "app/d1/f=3;app/d2/f=2").ShouldBe("");
        image.Plan("app/d1/f=1;app/d2/f=2;app/d2/g=1", "app/d1/f=1;app/d2/g=1").ShouldBe("/x/f 644 <- app/d1/f");
    }

    [Fact]
    public void A_directory_that_a_copy_made_goes_with_the_last_file_in_it_and_comes_with_the_first()
    {
        InferredCase image = InferredCase.Of("FROM scratch\nCOPY x *.txt /d/\n");

        image.Plan("app/x=1", "app/x=1;app/a.txt=1").ShouldBe("/d/a.txt 644 <- app/a.txt");
        InferredCase.Of("FROM scratch\nCOPY *.txt /d/e/\nCOPY x /x").Plan("app/x=1", "app/x=1;app/a.txt=1").ShouldBe("/d/ 755; /d/e/ 755; /d/e/a.txt 644 <- app/a.txt");
    }

    [Fact]
    public void A_directory_that_something_else_also_needs_stays() =>
        InferredCase.Of("FROM scratch\nCOPY . /app\nCOPY x /app/d/y").Plan("app/x=1;app/d/!700;app/d/a=1", "app/x=1").ShouldBe("/app/d/ 755; no /app/d/a");

    [Fact]
    public void A_file_of_a_base_of_the_project_is_followed_through_its_own_Dockerfile()
    {
        InferredCase image = InferredCase.Of("FROM base\nCOPY . /app").On("FROM scratch\nWORKDIR /lib\nCOPY src .");

        image.Plan("app/a=1;base/src/l=1", "app/a=1;base/src/l=2").ShouldBe("/lib/l 644 <- base/src/l");
        image.Plan("app/a=1;base/src/l=1;base/src/m=1", "app/a=2;base/src/m=1").ShouldBe("/app/a 644 <- app/a; no /lib/l");
    }

    [Fact]
    public void The_working_directory_of_a_base_is_where_its_images_begin()
    {
        InferredCase.Of("FROM base\nCOPY a .").On("FROM scratch\nWORKDIR /lib").Plan("app/a=1", "app/a=2").ShouldBe("/lib/a 644 <- app/a");
        InferredCase.Of("FROM ext\nCOPY a .").KnowingBase("ext", "/srv").Plan("app/a=1", "app/a=2").ShouldBe("/srv/a 644 <- app/a (no directory)");
    }

    [Fact]
    public void A_file_is_followed_through_the_stages_that_the_target_stands_on() =>
        InferredCase.Of("FROM scratch AS one\nCOPY a /a\nFROM one AS two\nWORKDIR /w\nFROM two\nCOPY b .").Plan("app/a=1;app/b=1", "app/a=2;app/b=2")
            .ShouldBe("/a 644 <- app/a (no directory); /w/b 644 <- app/b");

    [Fact]
    public void A_directory_of_a_named_context_is_followed_as_the_context_itself()
    {
        InferredCase image = InferredCase.Of("FROM scratch\nCOPY --from=shared lib /lib").Config("  app: {context: app, contexts: {shared: other}}\n");

        image.Plan("other/lib/a=1", "other/lib/a=2").ShouldBe("/lib/a 644 <- other/lib/a");
    }

    [Fact]
    public void What_stays_hidden_or_excluded_is_not_given() =>
        InferredCase.Of("FROM scratch\nCOPY --exclude=*.md . /app").Plan("app/a=1;app/a.md=1", "app/a=1;app/a.md=2").ShouldBe("");

    [Fact]
    public void What_may_have_broken_is_written_again()
    {
        InferredCase image = InferredCase.Of("FROM scratch\nCOPY . /app");
        LivePath At(string path) => new(new Devloop.Model.ImageName("app"), path);

        image.Plan("app/a=1;app/b=1", "app/a=1;app/b=1", At("a")).ShouldBe("/app/a 644 <- app/a");
        image.Plan("app/b=1", "app/b=1", At("a")).ShouldBe("no /app/a");
        image.Plan("app/d/a=1", "app/d/a=1", At("d")).ShouldBe("/app/d/ 755");
    }

    [Fact]
    public void Moves_name_what_is_sent_by_its_path_in_the_project() =>
        InferredCase.Of("FROM scratch\nCOPY . /app").Between("app/a=1;app/b=1", "app/a=2").ShouldBeOfType<LivePlan.Update>().Moves.ShouldBe([new LiveMove("app/a", "/app/a")]);

    /// <summary>Other files that the sources of the table need.</summary>
    private static string With(string file, string content) =>
        string.Join(';', new[] { "app/a.txt=0", "app/b.txt=0", "app/src/a.txt=0", "app/src/d/a.txt=0", "app/d/a.txt=0", "app/d/e/a.txt=0" }.Select(f => f.StartsWith(file + "=", StringComparison.Ordinal) ? $"{file}={content}" : f));
}
