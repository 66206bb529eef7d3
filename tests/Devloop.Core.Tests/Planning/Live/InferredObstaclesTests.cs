using Devloop.Model;
using Devloop.Planning.Live;

namespace Devloop.Core.Tests.Planning.Live;

/// <summary>What cannot be given to a container, and what is said of it.</summary>
public class InferredObstaclesTests
{
    [Theory]
    [InlineData("COPY . /app\nRUN make", "`RUN make` may read it")]
    [InlineData("COPY . /app\nWORKDIR /app\nRUN [\"make\"]", "`RUN [\"make\"]` may read it")]
    [InlineData("COPY . /app\nCOPY --from=elsewhere /out /app", "`COPY --from=elsewhere /out /app` may bring it too")]
    [InlineData("COPY . /app\nCOPY --from=elsewhere /out /", "`COPY --from=elsewhere /out /` may bring it too")]
    [InlineData("COPY . /app\nADD http://127.0.0.1/a /app/a", "`ADD http://127.0.0.1/a /app/a` may bring it too")]
    [InlineData("COPY . /app\nCOPY <<E /app/a\nx\nE", "`COPY <<E /app/a` may bring it too")]
    [InlineData("ADD a /app/", "`ADD a /app/` may unpack it")]
    [InlineData("ADD *a /app/", "`ADD *a /app/` may unpack it")]
    [InlineData("COPY . /app\nADD a /app/", "`ADD a /app/` may unpack it")]
    [InlineData("COPY --chmod=u+x . /app", "`COPY --chmod=u+x . /app` sets permissions that cannot be repeated")]
    [InlineData("COPY --chmod=4755 . /app", "`COPY --chmod=4755 . /app` sets permissions that cannot be repeated")]
    [InlineData("ARG O=1\nCOPY --chown=$O . /app", "`COPY --chown=$O . /app` has an owner that is not known")]
    [InlineData("COPY --parents a /app/", "`COPY --parents a /app/` keeps parents, which cannot be repeated")]
    [InlineData("COPY --exclude=x --exclude=!x/y . /app", "`COPY --exclude=x --exclude=!x/y . /app` takes excludes back, which cannot be repeated")]
    [InlineData("COPY ** /app/", "`COPY ** /app/` cannot be repeated")]
    [InlineData("WORKDIR /x\nCOPY --link a /x", "`COPY --link a /x` may make a file or go into a directory")]
    [InlineData("COPY a* /app", "`COPY a* /app` may make a file or go into a directory")]
    [InlineData("RUN --mount=target=/src make\nCOPY . /app", "`RUN --mount=target=/src make` mounts it")]
    [InlineData("RUN --mount=target=/src,source=a make\nCOPY . /app", "`RUN --mount=target=/src,source=a make` mounts it")]
    public void An_edit_is_built_when_the_line_says_more_than_a_copy(string dockerfile, string obstacle) =>
        InferredCase.Of("FROM scratch\n" + dockerfile).Plan("app/a=1;app/b=1", "app/a=2;app/b=1").ShouldBe("build: " + obstacle);

    [Theory]
    [InlineData("FROM scratch AS build\nCOPY a /a\nRUN make\nFROM scratch\nCOPY --from=build /a /out\nCOPY . /app", "`COPY a /a` in stage `build` reads it")]
    [InlineData("FROM scratch AS build\nRUN --mount=target=/src make\nFROM scratch\nCOPY --from=build /out /out\nCOPY . /app", "`RUN --mount=target=/src make` in stage `build` mounts it")]
    [InlineData("FROM scratch AS one\nCOPY a /a\nFROM one AS build\nRUN make\nFROM one\nCOPY --from=build /out /out", "`FROM one AS build` takes it from there")]
    [InlineData("FROM scratch AS one\nCOPY a /d/a\nFROM one\nCOPY --from=one /d /out", "`COPY --from=one /d /out` takes it from there")]
    [InlineData("FROM scratch AS one\nCOPY a /d/a\nFROM scratch AS other\nCOPY --from=one / /\nFROM one\nCOPY --from=other /d /out", "`COPY --from=one / /` takes it from there")]
    public void An_edit_is_built_when_another_stage_takes_part_in_it(string dockerfile, string obstacle) =>
        InferredCase.Of(dockerfile).Plan("app/a=1;app/b=1", "app/a=2;app/b=1").ShouldBe("build: " + obstacle);

    [Theory]
    [InlineData("FROM scratch AS build\nCOPY b /b\nRUN make\nFROM scratch\nCOPY --from=build /out /app/out\nCOPY . /app")]
    [InlineData("FROM scratch AS build\nCOPY a /a\nRUN make\nFROM scratch\nCOPY . /app")]
    [InlineData("FROM scratch AS one\nCOPY b /b\nFROM one AS build\nRUN make\nFROM one\nCOPY --from=build /out /out\nCOPY . /app")]
    [InlineData("FROM scratch AS one\nCOPY . /app\nFROM one\nCOPY --from=one /other /out")]
    [InlineData("FROM scratch\nRUN npm install\nCOPY . /app")]
    [InlineData("FROM scratch\nCOPY b /b\nRUN npm install\nCOPY . /app")]
    [InlineData("FROM scratch\nCOPY . /app\nCOPY --from=elsewhere /out /app/out")]
    public void What_takes_no_part_in_an_edit_does_not_stand_in_its_way(string dockerfile) =>
        InferredCase.Of(dockerfile).Plan("app/a=1;app/b=1", "app/a=2;app/b=1").Replace(" (no directory)", "", StringComparison.Ordinal).ShouldBe("/app/a 644 <- app/a");

    [Fact]
    public void A_file_above_something_unknown_does_not_take_the_place_of_a_directory() =>
        InferredCase.Of("FROM ext\nCOPY . /app").KnowingBase("ext").Plan("app/a=1", "app/a=2").ShouldBe("/app/a 644 <- app/a (no directory)");

    [Theory]
    [InlineData("COPY d /x/a\nCOPY . /x", "app/b=1;app/d/y=1", "app/a=1;app/b=1;app/d/y=1", "build: `COPY . /x` brings a file where a directory has to be")]
    [InlineData("COPY b /x/a\nCOPY . /x", "app/b=1", "app/a/y=1;app/b=1", "build: `COPY . /x` brings a directory where something else is")]
    [InlineData("COPY src/* /app/", "app/src/a=1;app/src/lib/x=1", "app/src/a=1;app/src/lib/a/y=1;app/src/lib/x=1", "build: `COPY src/* /app/` brings a file where a directory has to be")]
    [InlineData("COPY one two /app/", "app/one/a=1;app/two/x=1", "app/one/a=1;app/two/a/y=1;app/two/x=1", "build: `COPY one two /app/` brings a file where a directory has to be")]
    public void What_BuildKit_would_refuse_is_left_to_it(string dockerfile, string before, string after, string plan) =>
        InferredCase.Of("FROM scratch\n" + dockerfile).Plan(before, after).ShouldBe(plan);

    [Theory]
    [InlineData("FROM ext\nCOPY . /app", "`FROM ext` may have it too")]
    [InlineData("FROM scratch\nRUN npm install\nCOPY . /app", "`RUN npm install` may have written it too")]
    [InlineData("FROM scratch\nCOPY --from=elsewhere /app /app\nCOPY . /app", "`COPY --from=elsewhere /app /app` may bring it too")]
    public void What_is_gone_is_built_when_something_below_may_have_it(string dockerfile, string obstacle) =>
        InferredCase.Of(dockerfile).KnowingBase("ext").Plan("app/a=1;app/b=1", "app/b=1").ShouldBe("build: " + obstacle);

    [Fact]
    public void What_is_gone_is_taken_away_when_nothing_below_can_have_it() =>
        InferredCase.Of("FROM scratch\nWORKDIR /app\nCOPY --from=elsewhere /m /app/m\nCOPY . /app").Plan("app/a=1;app/b=1", "app/b=1").ShouldBe("no /app/a");

    [Fact]
    public void A_command_of_a_child_may_read_what_its_base_copies() =>
        InferredCase.Of("FROM base\nRUN make").On("FROM scratch\nCOPY . /lib").Plan("base/a=1", "base/a=2").ShouldBe("build: `RUN make` may read it");

    [Theory]
    [InlineData("FROM scratch\nCOPY --from=base /lib /lib", "`COPY --from=base /lib /lib` takes it from there")]
    [InlineData("FROM base AS build\nRUN make\nFROM base\nCOPY --from=build /o /o", "`FROM base AS build` takes it from there")]
    [InlineData("FROM scratch\nRUN --mount=from=base,target=/m make", "`RUN --mount=from=base,target=/m make` takes it from there")]
    public void A_base_that_files_are_taken_from_is_built(string dockerfile, string obstacle) =>
        InferredCase.Of(dockerfile).On("FROM scratch\nCOPY . /lib").Plan("base/a=1", "base/a=2").ShouldBe("build: " + obstacle);

    [Fact]
    public void Of_a_base_of_which_nothing_is_known_triggers_are_to_be_feared()
    {
        InferredCase.Of("FROM ext\nCOPY . /app").Plan("app/a=1", "app/a=2").ShouldBe("build: `FROM ext` may bring triggers, which are not known yet");
        InferredCase.Of("FROM base\nCOPY . /app").On("FROM scratch\nONBUILD RUN make").Plan("app/a=1", "app/a=2").ShouldBe("build: `FROM base` may bring triggers, which are not known yet");
        InferredCase.Of("FROM base\nCOPY . /app").On("FROM scratch\nONBUILD RUN make").Knowing("app", "base", BaseImage.Of([], ["COPY a /t/"])).Plan("app/a=1", "app/a=2")
            .ShouldBe("/app/a 644 <- app/a; /t/a 644 <- app/a");
    }

    [Fact]
    public void A_path_that_needs_what_a_base_brings_waits_until_that_is_known()
    {
        InferredCase image = InferredCase.Of("FROM base\nCOPY . $HOME").On("FROM ext\nENV X=1");

        image.Knowing("base", "ext", BaseImage.Of([], [])).Plan("app/a=1", "app/a=2").ShouldBe("build: `COPY . $HOME` uses what its base brings, of which nothing is known yet");
        image.Knowing("app", "base", BaseImage.Of(["HOME=/h"], [])).Plan("app/a=1", "app/a=2").ShouldBe("/h/a 644 <- app/a (no directory)");
    }

    [Theory]
    [InlineData("COPY l /app/\nCOPY . /all", "app/l -> a;app/a=1", "app/l -> a;app/a=2", "`COPY l /app/` goes through a symbolic link")]
    [InlineData("COPY l/x /app/", "app/l -> d;app/d/x=1", "app/l -> d;app/d/x=2", "`COPY l/x /app/` goes through a symbolic link")]
    [InlineData("COPY l* /app/", "app/l -> d;app/l2=1", "app/l -> d;app/l2=2", "`COPY l* /app/` goes through a symbolic link")]
    [InlineData("COPY . /app\nCOPY x /app/l/", "app/l -> d;app/d/x=1;app/x=1", "app/l -> d;app/d/x=2;app/x=1", "`COPY x /app/l/` goes through a symbolic link")]
    [InlineData("COPY . /app\nCOPY x /app/l/", "app/l -> d;app/d/y=1;app/x=1", "app/l -> d;app/d/y=1;app/x=2", "`COPY x /app/l/` goes through a symbolic link")]
    public void What_goes_through_a_symbolic_link_is_built(string dockerfile, string before, string after, string obstacle) =>
        InferredCase.Of("FROM scratch\n" + dockerfile).Plan(before, after).ShouldBe("build: " + obstacle);

    [Fact]
    public void A_source_that_would_find_nothing_is_left_to_the_build() =>
        InferredCase.Of("FROM scratch\nCOPY a /a\nCOPY b /b").Plan("app/a=1;app/b=1", "app/b=1").ShouldBe("build: `COPY a /a` would find nothing");

    [Fact]
    public void An_image_for_several_platforms_is_built() =>
        InferredCase.Of("FROM scratch\nCOPY . /app").Config("  app: {context: app, platforms: [linux/amd64, linux/arm64]}\n").Plan("app/a=1", "app/a=2").ShouldStartWith("build: it is built for several platforms");

    [Theory]
    [InlineData("docker/dockerfile:1", true)]
    [InlineData("docker.io/docker/dockerfile:1.7-labs", true)]
    [InlineData("example.com/frontend", false)]
    public void A_Dockerfile_in_another_language_is_built(string frontend, bool given) =>
        InferredCase.Of($"# syntax={frontend}\nFROM scratch\nCOPY . /app").Plan("app/a=1", "app/a=2").ShouldBe(given ? "/app/a 644 <- app/a" : $"build: `# syntax={frontend}` is a language of its own");

    [Fact]
    public void An_obstacle_names_the_file_and_the_line_that_it_is_about()
    {
        LiveObstacle why = InferredCase.Of("FROM scratch\nCOPY . /app\n\nRUN make").Between("app/a=1", "app/a=2").ShouldBeOfType<LivePlan.Build>().Why;

        why.ShouldBe(new LiveObstacle("app/a", "`RUN make` may read it", "app/Dockerfile", 4));
    }

    [Fact]
    public void Nothing_is_to_be_done_when_nothing_differs_whatever_the_Dockerfile_says() =>
        InferredCase.Of("FROM scratch\nCOPY . /app\nRUN make").Plan("app/a=1", "app/a=1").ShouldBe("");

    [Theory]
    [InlineData(RestartPolicy.Never, RestartNeed.No)]
    [InlineData(RestartPolicy.Always, RestartNeed.Yes)]
    [InlineData(RestartPolicy.Auto, RestartNeed.IfUnnoticed)]
    public void The_config_says_when_to_start_again(RestartPolicy policy, RestartNeed need) =>
        InferredCase.Of("FROM scratch\nCOPY . /app").Rules(policy).Forecast(["app/a"]).Restart.ShouldBe(need);

    [Theory]
    [InlineData("app/a", "app/a > /app/a")]
    [InlineData("app/deep/b.txt", "app/deep/b.txt > /app/deep/b.txt")]
    [InlineData("app/hidden.md", "")]
    [InlineData("elsewhere", "")]
    [InlineData("app/only/x", "app/only/x > /app/only/x app/only/x > /only/x")]
    public void Of_edits_that_are_only_thought_of_it_says_where_they_would_go(string edit, string moves)
    {
        LiveForecast forecast = InferredCase.Of("FROM scratch\nCOPY only /only\nCOPY config /app\nCOPY . /app").Ignoring("*.md\n").Rules().Forecast([edit]);

        forecast.Obstacle.ShouldBeNull();
        string.Join(' ', forecast.Moves.Select(m => $"{m.From} > {m.To}")).ShouldBe(moves);
        forecast.Restart.ShouldBe(moves.Length == 0 ? RestartNeed.No : RestartNeed.IfUnnoticed);
    }

    [Fact]
    public void Of_edits_that_are_only_thought_of_it_says_what_would_stand_in_the_way() =>
        InferredCase.Of("FROM scratch\nCOPY a /app/\nRUN make\nCOPY . /app").Rules().Forecast(["app/b", "app/a"]).Obstacle
            .ShouldBe(new LiveObstacle("app/a", "`RUN make` may read it", "app/Dockerfile", 3));
}
