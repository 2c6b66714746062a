import datetime
import django.core.validators
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ActionArea',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='number')),
                ('title', models.TextField(verbose_name='title')),
            ],
            options={
                'verbose_name': 'action area',
                'verbose_name_plural': 'action areas',
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.TextField(verbose_name='title')),
                ('url', models.URLField(blank=True, max_length=2000, verbose_name='link')),
                ('citation', models.TextField(blank=True, verbose_name='citation')),
                ('file', models.FileField(blank=True, upload_to='', verbose_name='file')),
                ('file_name', models.CharField(blank=True, editable=False, max_length=255, verbose_name='file name')),
                ('file_size', models.PositiveBigIntegerField(blank=True, editable=False, null=True, verbose_name='file size in bytes')),
                ('file_sha256', models.CharField(blank=True, editable=False, max_length=64, verbose_name='file digest')),
                ('file_type', models.CharField(blank=True, editable=False, max_length=100, verbose_name='media type')),
                ('language', models.CharField(blank=True, max_length=20, verbose_name='source language')),
                ('dated_on', models.DateField(blank=True, null=True, verbose_name='source date')),
                ('kind', models.CharField(max_length=20, verbose_name='kind')),
                ('source', models.CharField(max_length=20, verbose_name='source type')),
                ('public', models.BooleanField(default=True, verbose_name='public')),
                ('archived_url', models.URLField(blank=True, editable=False, max_length=2000, verbose_name='archived address')),
                ('is_erased', models.BooleanField(default=False, editable=False, verbose_name='partly erased')),
                ('search_index', models.TextField(default='', editable=False)),
            ],
            options={
                'verbose_name': 'piece of evidence',
                'verbose_name_plural': 'evidence',
            },
        ),
        migrations.CreateModel(
            name='Follower',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('language', models.CharField(max_length=10, verbose_name='language')),
                ('notified_seq', models.BigIntegerField(default=0, verbose_name='notified up to entry')),
            ],
            options={
                'verbose_name': 'follower',
                'verbose_name_plural': 'followers',
            },
        ),
        migrations.CreateModel(
            name='LedgerCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='checked at')),
                ('seq', models.PositiveBigIntegerField(verbose_name='up to entry')),
                ('differences', models.PositiveIntegerField(verbose_name='differences')),
            ],
            options={
                'verbose_name': 'check of the ledger',
                'verbose_name_plural': 'checks of the ledger',
                'get_latest_by': 'id',
            },
        ),
        migrations.CreateModel(
            name='AccessToken',
            fields=[
                ('token_key', models.CharField(db_index=True, max_length=25)),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('digest', models.CharField(editable=False, max_length=128, unique=True)),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('created', models.DateTimeField(editable=False, verbose_name='issued at')),
                ('expiry', models.DateTimeField(verbose_name='expires at')),
                ('scopes', models.JSONField(default=list, verbose_name='scopes')),
                ('plans', models.JSONField(default=list, verbose_name='plans')),
                ('last_used', models.DateTimeField(editable=False, null=True, verbose_name='last used')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='auth_token_set', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'access token',
                'verbose_name_plural': 'access tokens',
            },
        ),
        migrations.CreateModel(
            name='CalendarAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=32, verbose_name='key')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_address', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'calendar address',
                'verbose_name_plural': 'calendar addresses',
            },
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.PositiveBigIntegerField(verbose_name='number of entries')),
                ('root', models.CharField(max_length=64, verbose_name='root hash')),
                ('key', models.CharField(max_length=300, verbose_name='key')),
                ('note', models.TextField(verbose_name='signed note')),
                ('at', models.DateTimeField(verbose_name='signed at')),
            ],
            options={
                'verbose_name': 'checkpoint',
                'verbose_name_plural': 'checkpoints',
                'constraints': [models.UniqueConstraint(fields=('size', 'key'), name='checkpoint_once_a_size_and_key'), models.CheckConstraint(condition=models.Q(('size__gte', 1)), name='checkpoint_size_from_one')],
            },
        ),
        migrations.CreateModel(
            name='Commitment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('^(?=.*(?:[0-9A-Za-z]|[^\\x00-\\x7f]))[^\\s/\\\\?#%&<>\\x22\\x27\\x00-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\ufeff]+\\Z', 'Use a letter or digit, no blanks, and none of these: / \\ ? # %% & < > " \'')], verbose_name='number')),
                ('position', models.PositiveIntegerField(editable=False, verbose_name='position')),
                ('title', models.TextField(verbose_name='title')),
                ('text', models.TextField(verbose_name='text')),
                ('text_sha256', models.CharField(editable=False, max_length=64, verbose_name='text digest')),
                ('note', models.TextField(blank=True, verbose_name='note on the text')),
                ('kind', models.CharField(max_length=20, verbose_name='kind')),
                ('kind_reason', models.TextField(blank=True, verbose_name='reason for the kind')),
                ('goal_reason', models.TextField(blank=True, verbose_name='reason for the goal')),
                ('criteria_reason', models.TextField(blank=True, verbose_name='reason for the criteria')),
                ('start_on', models.DateField(blank=True, null=True, verbose_name='start date')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='due date')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='end date')),
                ('search_index', models.TextField(default='', editable=False)),
                ('status', models.CharField(default='unassessed', editable=False, max_length=20, verbose_name='status')),
                ('status_level', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('status_action_on', models.DateField(editable=False, null=True)),
                ('last_deed_on', models.DateField(editable=False, null=True)),
                ('published_updates', models.PositiveIntegerField(default=0, editable=False)),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='commitments', to='commitments.actionarea', verbose_name='action area')),
            ],
            options={
                'verbose_name': 'commitment',
                'verbose_name_plural': 'commitments',
            },
        ),
        migrations.CreateModel(
            name='Criterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=10, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9]*\\Z', 'Use only small letters and digits, starting with a letter.')], verbose_name='key')),
                ('position', models.PositiveIntegerField(editable=False, verbose_name='position')),
                ('text', models.TextField(verbose_name='text')),
                ('quote', models.TextField(blank=True, verbose_name='quoted words')),
                ('added_at', models.DateTimeField(editable=False, verbose_name='added at')),
                ('retired_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='replaced at')),
                ('search_index', models.TextField(default='', editable=False)),
                ('commitment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='criteria', to='commitments.commitment', verbose_name='commitment')),
            ],
            options={
                'verbose_name': 'criterion',
                'verbose_name_plural': 'criteria',
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveBigIntegerField(unique=True, verbose_name='sequence number')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('action', models.CharField(max_length=20, verbose_name='action')),
                ('subject_type', models.CharField(blank=True, max_length=10, verbose_name='type')),
                ('subject_key', models.CharField(blank=True, max_length=300, verbose_name='subject')),
                ('role', models.CharField(max_length=20, verbose_name='role')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('meta', models.JSONField(default=dict, verbose_name='other details')),
                ('content_version', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='version of the content')),
                ('content_sha256', models.CharField(max_length=64, null=True, verbose_name='content digest')),
                ('note_salt', models.CharField(max_length=64)),
                ('note_commit', models.CharField(max_length=64)),
                ('actor_salt', models.CharField(max_length=64)),
                ('actor_commit', models.CharField(max_length=64)),
                ('entry_sha256', models.CharField(max_length=64, verbose_name='entry digest')),
                ('hash', models.CharField(max_length=64, unique=True, verbose_name='hash')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('commitment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='commitments.commitment', verbose_name='commitment')),
                ('erased_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commitments.decision', verbose_name='erased by')),
            ],
            options={
                'verbose_name': 'ledger entry',
                'verbose_name_plural': 'ledger entries',
            },
        ),
        migrations.CreateModel(
            name='AccountRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(verbose_name='requested at')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('state', models.CharField(default='open', max_length=10, verbose_name='state')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='answered at')),
                ('changes', models.JSONField(default=dict, verbose_name='changes')),
                ('gives_access', models.BooleanField(default=False, verbose_name='gives access')),
                ('link_due', models.BooleanField(default=False, verbose_name='a link to set a password is due')),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='account_requests', to=settings.AUTH_USER_MODEL, verbose_name='account')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('decision', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s', to='commitments.decision', verbose_name='ledger entry')),
            ],
            options={
                'verbose_name': 'account request',
                'verbose_name_plural': 'account requests',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Dump',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('release', models.CharField(max_length=64, verbose_name='release')),
                ('file', models.CharField(max_length=100, unique=True, verbose_name='file')),
                ('sha256', models.CharField(max_length=64, verbose_name='digest')),
                ('size', models.PositiveBigIntegerField(verbose_name='size in bytes')),
                ('head', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commitments.decision', verbose_name='latest ledger entry')),
            ],
            options={
                'verbose_name': 'dump',
                'verbose_name_plural': 'dumps',
            },
        ),
        migrations.CreateModel(
            name='Forum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z0-9][A-Z0-9-]*\\Z', 'Use only capital letters, digits and hyphens.')], verbose_name='code')),
                ('name', models.TextField(verbose_name='name')),
                ('kind', models.CharField(max_length=30, verbose_name='kind')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
                ('same_as', models.JSONField(blank=True, default=list, help_text='Addresses that identify it elsewhere, such as in Wikidata; one a line.', verbose_name='same as')),
                ('search_index', models.TextField(default='', editable=False)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='commitments.forum', verbose_name='part of')),
                ('successor_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successors', to='commitments.forum', verbose_name='successor of')),
            ],
            options={
                'verbose_name': 'partner forum',
                'verbose_name_plural': 'partner forums',
            },
        ),
        migrations.CreateModel(
            name='IdempotentResponse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=255, verbose_name='key')),
                ('request_sha256', models.CharField(max_length=64)),
                ('at', models.DateTimeField(db_index=True, verbose_name='time')),
                ('status', models.PositiveSmallIntegerField()),
                ('headers', models.JSONField(default=dict)),
                ('body', models.TextField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='idempotent_responses', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'verbose_name': 'idempotent response',
                'verbose_name_plural': 'idempotent responses',
            },
        ),
        migrations.CreateModel(
            name='LedgerHead',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('seq', models.PositiveBigIntegerField(default=0, verbose_name='sequence number')),
                ('hash', models.CharField(max_length=64, verbose_name='hash')),
                ('at', models.DateTimeField(null=True, verbose_name='time')),
            ],
            options={
                'verbose_name': 'latest ledger entry',
                'verbose_name_plural': 'latest ledger entry',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='ledger_has_one_head')],
            },
        ),
        migrations.CreateModel(
            name='LedgerNode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField()),
                ('number', models.PositiveBigIntegerField()),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('level', 'number'), name='ledgernode_unique'), models.CheckConstraint(condition=models.Q(('level__gte', 1)), name='ledgernode_level_from_one')],
            },
        ),
        migrations.CreateModel(
            name='LinkCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.TextField(verbose_name='address')),
                ('status', models.CharField(max_length=12, verbose_name='status')),
                ('detail', models.CharField(blank=True, max_length=100, verbose_name='detail')),
                ('moved_to', models.TextField(blank=True, verbose_name='moved to')),
                ('fingerprint', models.CharField(blank=True, max_length=64)),
                ('validator', models.CharField(blank=True, max_length=200)),
                ('first_at', models.DateTimeField(verbose_name='first seen')),
                ('last_at', models.DateTimeField(verbose_name='last seen')),
                ('checks', models.PositiveIntegerField(default=1, verbose_name='times seen')),
                ('evidence', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='link_checks', to='commitments.evidence', verbose_name='piece of evidence')),
            ],
            options={
                'verbose_name': 'link check',
                'verbose_name_plural': 'link checks',
            },
        ),
        migrations.CreateModel(
            name='MailPreference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=10, verbose_name='language')),
                ('language_chosen', models.BooleanField(default=False, verbose_name='language was chosen')),
                ('digest', models.CharField(default='weekly', max_length=10, verbose_name='digest')),
                ('notices', models.BooleanField(default=True, verbose_name='notices')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='mail_preference', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'mail preference',
                'verbose_name_plural': 'mail preferences',
            },
        ),
        migrations.CreateModel(
            name='Meeting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.TextField(blank=True, help_text='If it has one, such as “seventh session”.', verbose_name='title')),
                ('starts_on', models.DateField(verbose_name='first day')),
                ('ends_on', models.DateField(verbose_name='last day')),
                ('place', models.TextField(blank=True, verbose_name='place')),
                ('url', models.URLField(blank=True, max_length=2000, verbose_name='link')),
                ('papers_due_on', models.DateField(blank=True, help_text="The forum's own deadline; public if the meeting is.", null=True, verbose_name='papers due on')),
                ('public', models.BooleanField(default=False, help_text='Readers then see forum, title, days, place, link and deadline for papers: in the calendar, its feeds and the API. Not ticked at first, since you may know of a meeting before its forum announces it. Offices, asks and drafts are never public.', verbose_name='public')),
                ('cancelled', models.BooleanField(default=False, help_text='It stays in calendars, marked as cancelled. If it is moved, change its days.', verbose_name='cancelled')),
                ('asks', models.TextField(blank=True, help_text='What we want from this meeting, point by point. Visible to staff only.', verbose_name='asks')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='calendar id')),
                ('sequence', models.PositiveIntegerField(default=0, editable=False, verbose_name='number of changes')),
                ('changed_at', models.DateTimeField(editable=False, verbose_name='changed at')),
                ('search_index', models.TextField(default='', editable=False)),
                ('forum', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='commitments.forum', verbose_name='partner forum')),
            ],
            options={
                'verbose_name': 'meeting',
                'verbose_name_plural': 'meetings',
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=10, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9]*\\Z', 'Use only small letters and digits, starting with a letter.')], verbose_name='key')),
                ('title', models.TextField(verbose_name='title')),
                ('due_on', models.DateField(verbose_name='due date')),
                ('retired_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='dropped at')),
                ('search_index', models.TextField(default='', editable=False)),
                ('commitment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='commitments.commitment', verbose_name='commitment')),
            ],
            options={
                'verbose_name': 'milestone',
                'verbose_name_plural': 'milestones',
            },
        ),
        migrations.CreateModel(
            name='KnownDate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=10, verbose_name='date')),
                ('day', models.DateField(null=True, verbose_name='day')),
                ('known_from', models.DateTimeField(verbose_name='known from')),
                ('known_until', models.DateTimeField(null=True, verbose_name='known until')),
                ('commitment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='known_dates', to='commitments.commitment', verbose_name='commitment')),
                ('milestone', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='known_dates', to='commitments.milestone', verbose_name='milestone')),
            ],
            options={
                'verbose_name': 'known date',
                'verbose_name_plural': 'known dates',
            },
        ),
        migrations.CreateModel(
            name='NothingNew',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='checked at')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to=settings.AUTH_USER_MODEL, verbose_name='checked by')),
                ('commitment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='commitments.commitment', verbose_name='commitment')),
            ],
            options={
                'verbose_name': 'check without news',
                'verbose_name_plural': 'checks without news',
            },
        ),
        migrations.CreateModel(
            name='NothingToReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='answered at')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings_answered', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('meeting', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='answer', to='commitments.meeting', verbose_name='meeting')),
            ],
            options={
                'verbose_name': 'meeting without report',
                'verbose_name_plural': 'meetings without report',
            },
        ),
        migrations.CreateModel(
            name='Office',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z0-9][A-Z0-9-]*\\Z', 'Use only capital letters, digits and hyphens.')], verbose_name='code')),
                ('name', models.TextField(verbose_name='name')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
                ('search_index', models.TextField(default='', editable=False)),
                ('members', models.ManyToManyField(blank=True, related_name='offices', to=settings.AUTH_USER_MODEL, verbose_name='members')),
            ],
            options={
                'verbose_name': 'office',
                'verbose_name_plural': 'offices',
            },
        ),
        migrations.AddField(
            model_name='meeting',
            name='offices',
            field=models.ManyToManyField(blank=True, related_name='meetings', to='commitments.office', verbose_name='offices that go'),
        ),
        migrations.AddField(
            model_name='commitment',
            name='lead_office',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='led_commitments', to='commitments.office', verbose_name='lead office'),
        ),
        migrations.AddField(
            model_name='commitment',
            name='supporting_offices',
            field=models.ManyToManyField(blank=True, related_name='supported_commitments', to='commitments.office', verbose_name='supporting offices'),
        ),
        migrations.CreateModel(
            name='Partnership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quote', models.TextField(blank=True, verbose_name='quoted words')),
                ('commitment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='partnerships', to='commitments.commitment', verbose_name='commitment')),
                ('forum', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='partnerships', to='commitments.forum', verbose_name='partner forum')),
            ],
            options={
                'verbose_name': 'partnership',
                'verbose_name_plural': 'partnerships',
            },
        ),
        migrations.AddField(
            model_name='commitment',
            name='forums',
            field=models.ManyToManyField(related_name='commitments', through='commitments.Partnership', to='commitments.forum', verbose_name='partner forums'),
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=16, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_]{0,15}\\Z', 'Use only capital letters, digits and underscores, starting with a letter.')], verbose_name='code')),
                ('languages', models.JSONField(verbose_name='languages')),
                ('title', models.TextField(verbose_name='title')),
                ('issuer', models.TextField(blank=True, verbose_name='issuer')),
                ('adopted_on', models.DateField(blank=True, null=True, verbose_name='adopted on')),
                ('time_zone', models.CharField(default='UTC', max_length=64, verbose_name='time zone')),
                ('review_interval_days', models.PositiveIntegerField(default=365, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='review interval in days')),
                ('notice', models.TextField(blank=True, verbose_name='notice')),
                ('licence', models.TextField(blank=True, verbose_name='licence')),
                ('licence_url', models.URLField(blank=True, help_text='Where its terms are, such as https://creativecommons.org/licenses/by/4.0/.', max_length=500, verbose_name='address of the licence')),
                ('locality', models.CharField(blank=True, max_length=200, verbose_name='country or locality')),
                ('plan_number', models.CharField(blank=True, max_length=50, verbose_name='action plan number')),
                ('words', models.JSONField(blank=True, default=dict, editable=False, verbose_name='own words')),
                ('visibility', models.CharField(default='public', max_length=10, verbose_name='visibility')),
                ('second_rating', models.CharField(default='none', max_length=10, verbose_name='second rating')),
                ('revision', models.PositiveBigIntegerField(default=1, editable=False, verbose_name='revision')),
            ],
            options={
                'verbose_name': 'plan',
                'verbose_name_plural': 'plans',
                'constraints': [models.CheckConstraint(condition=models.Q(('review_interval_days__gte', 1)), name='plan_review_interval_positive'), models.CheckConstraint(condition=models.Q(('visibility__in', ['draft', 'public', 'archived'])), name='plan_visibility_known'), models.CheckConstraint(condition=models.Q(('second_rating__in', ['none', 'blind'])), name='plan_second_rating_known'), models.CheckConstraint(condition=models.Q(('title__startswith', '{"')), name='plan_title_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='Following',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=20, verbose_name='subject')),
                ('subject_key', models.CharField(blank=True, max_length=200, verbose_name='key')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='confirmed at')),
                ('follower', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='followings', to='commitments.follower', verbose_name='follower')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='followings', to='commitments.plan', verbose_name='plan')),
            ],
            options={
                'verbose_name': 'following',
                'verbose_name_plural': 'followings',
            },
        ),
        migrations.AddField(
            model_name='decision',
            name='plan',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='commitments.plan', verbose_name='plan'),
        ),
        migrations.AddField(
            model_name='commitment',
            name='plan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='commitments', to='commitments.plan', verbose_name='plan'),
        ),
        migrations.AddField(
            model_name='actionarea',
            name='plan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='areas', to='commitments.plan', verbose_name='plan'),
        ),
        migrations.CreateModel(
            name='PlanFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(editable=False, verbose_name='loaded at')),
                ('sha256', models.CharField(editable=False, max_length=64, verbose_name='content digest')),
                ('document', models.JSONField(editable=False, verbose_name='content')),
                ('plan', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='files', to='commitments.plan', verbose_name='plan')),
            ],
            options={
                'verbose_name': 'plan file',
                'verbose_name_plural': 'plan files',
            },
        ),
        migrations.CreateModel(
            name='ProgressUpdate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('effective_on', models.DateField(verbose_name='date')),
                ('date_precision', models.CharField(default='day', max_length=5, verbose_name='date precision')),
                ('event_type', models.CharField(blank=True, max_length=20, null=True, verbose_name='event type')),
                ('covers_from', models.DateField(blank=True, null=True, verbose_name='period from')),
                ('status', models.CharField(blank=True, max_length=20, null=True, verbose_name='assessed status')),
                ('summary', models.TextField(blank=True, verbose_name='summary')),
                ('search_note', models.TextField(blank=True, verbose_name='search note')),
                ('search_index', models.TextField(default='', editable=False)),
                ('external_ref', models.CharField(blank=True, max_length=200, null=True, verbose_name='external reference')),
                ('changes_event', models.BooleanField(default=False, editable=False, verbose_name='changes the event')),
                ('state', models.CharField(default='draft', editable=False, max_length=10, verbose_name='state')),
                ('published_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='published at')),
                ('published_on', models.DateField(blank=True, editable=False, null=True, verbose_name='published on')),
                ('superseded_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='corrected at')),
                ('retracted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='withdrawn at')),
                ('created_at', models.DateTimeField(editable=False, verbose_name='created at')),
                ('changed_at', models.DateTimeField(editable=False, verbose_name='changed at')),
                ('revision', models.PositiveIntegerField(default=0, editable=False, verbose_name='revision')),
                ('internal_salt', models.CharField(editable=False, max_length=64)),
                ('request_key', models.CharField(editable=False, max_length=64, null=True)),
                ('author', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='authored_updates', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('chain', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='commitments.progressupdate', verbose_name='chain of corrections')),
                ('commitment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='updates', to='commitments.commitment', verbose_name='commitment')),
                ('corrects', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='commitments.progressupdate', verbose_name='corrects')),
                ('criteria', models.ManyToManyField(blank=True, related_name='events', to='commitments.criterion', verbose_name='criteria')),
                ('editors', models.ManyToManyField(editable=False, related_name='edited_updates', to=settings.AUTH_USER_MODEL, verbose_name='editors')),
                ('forums', models.ManyToManyField(blank=True, related_name='updates', to='commitments.forum', verbose_name='partner forums')),
                ('meets', models.ManyToManyField(blank=True, related_name='updates', to='commitments.milestone', verbose_name='milestones met')),
                ('publisher', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='published_updates', to=settings.AUTH_USER_MODEL, verbose_name='publisher')),
            ],
            options={
                'verbose_name': 'progress update',
                'verbose_name_plural': 'progress updates',
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result', models.CharField(max_length=10, verbose_name='finding')),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='commitments.criterion', verbose_name='criterion')),
                ('events', models.ManyToManyField(related_name='+', to='commitments.progressupdate', verbose_name='events')),
                ('update', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='commitments.progressupdate', verbose_name='progress update')),
            ],
            options={
                'verbose_name': 'finding',
                'verbose_name_plural': 'findings',
                'ordering': ['criterion__position', 'criterion_id'],
            },
        ),
        migrations.AddField(
            model_name='evidence',
            name='update',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='evidence', to='commitments.progressupdate', verbose_name='progress update'),
        ),
        migrations.AddField(
            model_name='decision',
            name='update',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='commitments.progressupdate', verbose_name='progress update'),
        ),
        migrations.AddField(
            model_name='commitment',
            name='last_action',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commitments.progressupdate'),
        ),
        migrations.AddField(
            model_name='commitment',
            name='status_update',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commitments.progressupdate', verbose_name='current assessment'),
        ),
        migrations.CreateModel(
            name='Basis',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('counts', models.BooleanField(verbose_name='counts towards the evidence level')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supports', to='commitments.progressupdate', verbose_name='event')),
                ('update', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bases', to='commitments.progressupdate', verbose_name='progress update')),
            ],
            options={
                'verbose_name': 'basis',
                'verbose_name_plural': 'bases',
            },
        ),
        migrations.CreateModel(
            name='Publisher',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(editable=False, max_length=300, unique=True, verbose_name='first recorded as')),
                ('name', models.TextField(verbose_name='name')),
                ('search_index', models.TextField(default='', editable=False)),
            ],
            options={
                'verbose_name': 'publisher',
                'verbose_name_plural': 'publishers',
                'constraints': [models.CheckConstraint(condition=models.Q(('name__startswith', '{"')), name='publisher_name_not_empty')],
            },
        ),
        migrations.AddField(
            model_name='evidence',
            name='publisher',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='commitments.publisher', verbose_name='published by'),
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('basis_sha256', models.CharField(max_length=64, verbose_name='digest of what was rated')),
                ('findings', models.JSONField(default=dict, verbose_name='findings')),
                ('status', models.CharField(max_length=20, verbose_name='rated status')),
                ('assessed_findings', models.JSONField(default=dict, verbose_name='findings of the author')),
                ('assessed_status', models.CharField(max_length=20, verbose_name='assessed status')),
                ('salt', models.CharField(max_length=64)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('decision', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='rating', to='commitments.decision', verbose_name='ledger entry')),
                ('rater', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ratings', to=settings.AUTH_USER_MODEL, verbose_name='rated by')),
                ('update', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ratings', to='commitments.progressupdate', verbose_name='progress update')),
            ],
            options={
                'verbose_name': 'rating',
                'verbose_name_plural': 'ratings',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='RecordedContent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=10, verbose_name='type')),
                ('subject_key', models.CharField(max_length=300, verbose_name='subject')),
                ('content', models.JSONField(null=True, verbose_name='content')),
                ('sha256', models.CharField(max_length=64, null=True, verbose_name='content digest')),
                ('commitment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='contents', to='commitments.commitment', verbose_name='commitment')),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contents', to='commitments.decision', verbose_name='ledger entry')),
                ('erased_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commitments.decision', verbose_name='erased by')),
            ],
            options={
                'verbose_name': 'recorded content',
                'verbose_name_plural': 'recorded contents',
            },
        ),
        migrations.CreateModel(
            name='ErasureRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(verbose_name='requested at')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('state', models.CharField(default='open', max_length=10, verbose_name='state')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='answered at')),
                ('parts', models.JSONField(verbose_name='what to erase')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('decision', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s', to='commitments.decision', verbose_name='ledger entry')),
                ('note_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commitments.decision', verbose_name='ledger entry whose note it is')),
                ('update', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commitments.progressupdate', verbose_name='progress update')),
                ('content', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commitments.recordedcontent', verbose_name='recorded content')),
            ],
            options={
                'verbose_name': 'erasure request',
                'verbose_name_plural': 'erasure requests',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ReportCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('due_on', models.DateField(verbose_name='reports due on')),
                ('due_on_set_at', models.DateTimeField(verbose_name='deadline set at')),
                ('moves', models.PositiveIntegerField(default=0, verbose_name='times that the deadline was moved')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='withdrawn at')),
                ('withdrawal_reason', models.TextField(blank=True, verbose_name='reason for the withdrawal')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='report_calls', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='report_calls', to='commitments.plan', verbose_name='plan')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawn_calls', to=settings.AUTH_USER_MODEL, verbose_name='who withdrew it')),
            ],
            options={
                'verbose_name': 'call for reports',
                'verbose_name_plural': 'calls for reports',
            },
        ),
        migrations.CreateModel(
            name='ReturnedContent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='returned at')),
                ('content', models.JSONField(verbose_name='content')),
                ('update', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='returned_content', to='commitments.progressupdate', verbose_name='progress update')),
            ],
            options={
                'verbose_name': 'returned content',
                'verbose_name_plural': 'returned contents',
            },
        ),
        migrations.CreateModel(
            name='ServiceAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='owned_service_accounts', to=settings.AUTH_USER_MODEL, verbose_name='person responsible')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='service_account', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'verbose_name': 'service account',
                'verbose_name_plural': 'service accounts',
            },
        ),
        migrations.CreateModel(
            name='Snapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter', models.CharField(max_length=7, verbose_name='quarter')),
                ('known_at', models.DateTimeField(verbose_name='known at')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('sha256', models.CharField(max_length=64, verbose_name='digest')),
                ('size', models.PositiveBigIntegerField(verbose_name='size in bytes')),
                ('content', models.BinaryField(null=True, verbose_name='content')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='commitments.plan', verbose_name='plan')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commitments.decision', verbose_name='withdrawn by')),
            ],
            options={
                'verbose_name': 'snapshot',
                'verbose_name_plural': 'snapshots',
            },
        ),
        migrations.CreateModel(
            name='StrategicGoal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='number')),
                ('title', models.TextField(verbose_name='title')),
                ('text', models.TextField(blank=True, verbose_name='text')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='goals', to='commitments.plan', verbose_name='plan')),
            ],
            options={
                'verbose_name': 'strategic goal',
                'verbose_name_plural': 'strategic goals',
            },
        ),
        migrations.AddField(
            model_name='commitment',
            name='goal',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='commitments', to='commitments.strategicgoal', verbose_name='primary goal'),
        ),
        migrations.AddField(
            model_name='commitment',
            name='supporting_goals',
            field=models.ManyToManyField(blank=True, related_name='supporting_commitments', to='commitments.strategicgoal', verbose_name='supporting goals'),
        ),
        migrations.CreateModel(
            name='TaskRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task', models.CharField(max_length=30, verbose_name='task')),
                ('started_at', models.DateTimeField(verbose_name='started at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('state', models.CharField(default='running', max_length=10, verbose_name='state')),
                ('output', models.TextField(blank=True, verbose_name='output')),
            ],
            options={
                'verbose_name': 'run of a task',
                'verbose_name_plural': 'runs of tasks',
                'indexes': [models.Index(fields=['task', '-started_at'], name='taskrun_latest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('task',), name='taskrun_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='taskrun_ended_at_a_time'), models.CheckConstraint(condition=models.Q(('state__in', ['running', 'done', 'failed', 'lost'])), name='taskrun_state_known')],
            },
        ),
        migrations.CreateModel(
            name='WebhookSubscriber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('url', models.URLField(max_length=2000, verbose_name='address')),
                ('contact', models.EmailField(blank=True, max_length=254, verbose_name='contact')),
                ('actions', models.JSONField(blank=True, default=list, verbose_name='kinds of change')),
                ('secret', models.CharField(max_length=300, verbose_name='secret')),
                ('former_secret', models.CharField(blank=True, max_length=300, verbose_name='former secret')),
                ('former_secret_until', models.DateTimeField(null=True, verbose_name='former secret signs until')),
                ('created_at', models.DateTimeField(verbose_name='added at')),
                ('state', models.CharField(default='active', max_length=10, verbose_name='state')),
                ('position', models.PositiveBigIntegerField(default=0, verbose_name='sent up to ledger entry')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='failed tries')),
                ('due_at', models.DateTimeField(verbose_name='due at')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='last error')),
                ('plan', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='webhook_subscribers', to='commitments.plan', verbose_name='plan')),
            ],
            options={
                'verbose_name': 'webhook subscriber',
                'verbose_name_plural': 'webhook subscribers',
            },
        ),
        migrations.CreateModel(
            name='WebhookAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('message_id', models.CharField(max_length=60, verbose_name='message')),
                ('type', models.CharField(max_length=20, verbose_name='type')),
                ('seq', models.PositiveBigIntegerField(null=True, verbose_name='sequence number')),
                ('status', models.PositiveSmallIntegerField(null=True, verbose_name='status')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='error')),
                ('reply', models.CharField(blank=True, max_length=200, verbose_name='answer of the receiver')),
                ('milliseconds', models.PositiveIntegerField(verbose_name='milliseconds')),
                ('subscriber', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='commitments.webhooksubscriber', verbose_name='webhook subscriber')),
            ],
            options={
                'verbose_name': 'webhook request',
                'verbose_name_plural': 'webhook requests',
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20, verbose_name='kind')),
                ('key', models.CharField(max_length=100, unique=True, verbose_name='key')),
                ('address', models.EmailField(blank=True, max_length=254, verbose_name='address')),
                ('details', models.JSONField(default=dict, verbose_name='details')),
                ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('due_at', models.DateTimeField(verbose_name='due at')),
                ('state', models.CharField(default='waiting', max_length=10, verbose_name='state')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='sent or given up at')),
                ('error', models.CharField(blank=True, max_length=300, verbose_name='last error')),
                ('decision', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='commitments.decision', verbose_name='ledger entry')),
                ('follower', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mails', to='commitments.follower', verbose_name='follower')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mails', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('meeting', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mails', to='commitments.meeting', verbose_name='meeting')),
                ('call', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mails', to='commitments.reportcall', verbose_name='call for reports')),
                ('subscriber', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mails', to='commitments.webhooksubscriber', verbose_name='webhook subscriber')),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
            },
        ),
        migrations.CreateModel(
            name='Cosignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=300, verbose_name='key')),
                ('line', models.CharField(max_length=500, verbose_name='signature')),
                ('at', models.DateTimeField(verbose_name='received at')),
                ('checkpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cosignatures', to='commitments.checkpoint', verbose_name='checkpoint')),
            ],
            options={
                'verbose_name': 'cosignature',
                'verbose_name_plural': 'cosignatures',
                'constraints': [models.UniqueConstraint(fields=('checkpoint', 'key'), name='cosignature_once_a_key')],
            },
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.UniqueConstraint(fields=('commitment', 'key'), name='criterion_key_used_once'),
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.CheckConstraint(condition=models.Q(('text__startswith', '{"')), name='criterion_text_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='accountrequest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'confirmed', 'done', 'declined', 'recalled'])), name='accountrequest_state_known'),
        ),
        migrations.AddConstraint(
            model_name='accountrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='accountrequest_answered_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='accountrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decision__isnull', False), ('state__in', ('confirmed', 'done'))), models.Q(models.Q(('state__in', ('confirmed', 'done')), _negated=True), ('decision__isnull', True)), _connector='OR'), name='accountrequest_done_by_a_decision'),
        ),
        migrations.AddConstraint(
            model_name='accountrequest',
            constraint=models.CheckConstraint(condition=models.Q(('closed_by', models.F('asked_by')), ('state', 'confirmed'), _negated=True), name='accountrequest_confirmed_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='accountrequest',
            constraint=models.CheckConstraint(condition=models.Q(('decision__isnull', True), ('account__isnull', False), _connector='OR'), name='accountrequest_done_on_an_account'),
        ),
        migrations.AddConstraint(
            model_name='accountrequest',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'open'), ('changes', {}), _connector='OR'), name='accountrequest_emptied_when_closed'),
        ),
        migrations.AddConstraint(
            model_name='accountrequest',
            constraint=models.CheckConstraint(condition=models.Q(('link_due', False), ('decision__isnull', False), _connector='OR'), name='accountrequest_link_after_decision'),
        ),
        migrations.AddConstraint(
            model_name='forum',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['un_body', 'international_organisation', 'regional_organisation', 'dialogue', 'multistakeholder', 'summit_or_conference', 'initiative', 'bilateral', 'trade_agreement'])), name='forum_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='forum',
            constraint=models.CheckConstraint(condition=models.Q(('name__startswith', '{"')), name='forum_name_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='idempotentresponse',
            constraint=models.UniqueConstraint(fields=('user', 'key'), name='idempotentresponse_key_used_once'),
        ),
        migrations.AddIndex(
            model_name='linkcheck',
            index=models.Index(fields=['evidence', '-id'], name='link_check_latest'),
        ),
        migrations.AddConstraint(
            model_name='linkcheck',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['ok', 'moved', 'changed', 'gone', 'unreachable'])), name='link_status_known'),
        ),
        migrations.AddConstraint(
            model_name='linkcheck',
            constraint=models.CheckConstraint(condition=models.Q(('first_at__lte', models.F('last_at'))), name='link_first_before_last'),
        ),
        migrations.AddConstraint(
            model_name='mailpreference',
            constraint=models.CheckConstraint(condition=models.Q(('digest__in', ['daily', 'weekly', 'never'])), name='mailpreference_digest_known'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.UniqueConstraint(fields=('commitment', 'key'), name='milestone_key_used_once'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(('title__startswith', '{"')), name='milestone_title_not_empty'),
        ),
        migrations.AddIndex(
            model_name='knowndate',
            index=models.Index(fields=['commitment', 'name'], name='known_date_of_commitment'),
        ),
        migrations.AddConstraint(
            model_name='knowndate',
            constraint=models.UniqueConstraint(condition=models.Q(('known_until__isnull', True), ('milestone__isnull', True)), fields=('commitment', 'name'), name='known_date_once_per_commitment'),
        ),
        migrations.AddConstraint(
            model_name='knowndate',
            constraint=models.UniqueConstraint(condition=models.Q(('known_until__isnull', True), ('milestone__isnull', False)), fields=('milestone', 'name'), name='known_date_once_per_milestone'),
        ),
        migrations.AddConstraint(
            model_name='knowndate',
            constraint=models.CheckConstraint(condition=models.Q(('name__in', ['due_on', 'ends_on'])), name='known_date_name_known'),
        ),
        migrations.AddIndex(
            model_name='nothingnew',
            index=models.Index(fields=['commitment', '-at'], name='nothing_new_latest'),
        ),
        migrations.AddConstraint(
            model_name='office',
            constraint=models.CheckConstraint(condition=models.Q(('name__startswith', '{"')), name='office_name_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='meeting_ends_after_it_starts', violation_error_message='The last day is before the first.'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('papers_due_on__isnull', True), ('papers_due_on__lte', models.F('ends_on')), _connector='OR'), name='meeting_papers_before_its_end', violation_error_message='Papers would be due after the last day.'),
        ),
        migrations.AddConstraint(
            model_name='partnership',
            constraint=models.UniqueConstraint(fields=('commitment', 'forum'), name='partnership_once_per_forum'),
        ),
        migrations.AddConstraint(
            model_name='following',
            constraint=models.UniqueConstraint(fields=('follower', 'plan', 'subject_type', 'subject_key'), name='following_once'),
        ),
        migrations.AddConstraint(
            model_name='following',
            constraint=models.CheckConstraint(condition=models.Q(('subject_type__in', ['plan', 'goal', 'forum', 'commitment'])), name='following_of_a_known_type'),
        ),
        migrations.AddConstraint(
            model_name='actionarea',
            constraint=models.UniqueConstraint(fields=('plan', 'number'), name='area_number_unique_in_plan'),
        ),
        migrations.AddConstraint(
            model_name='actionarea',
            constraint=models.CheckConstraint(condition=models.Q(('title__startswith', '{"')), name='area_title_not_empty'),
        ),
        migrations.AddIndex(
            model_name='planfile',
            index=models.Index(fields=['plan', 'id'], name='plan_file_of_plan'),
        ),
        migrations.AddIndex(
            model_name='progressupdate',
            index=models.Index(fields=['commitment', '-effective_on', '-published_at', '-id'], name='update_latest_assessment'),
        ),
        migrations.AddIndex(
            model_name='progressupdate',
            index=models.Index(fields=['commitment', 'state', '-effective_on', '-published_at', '-id'], name='update_latest_published'),
        ),
        migrations.AddIndex(
            model_name='progressupdate',
            index=models.Index(fields=['chain', 'state'], name='update_end_of_chain'),
        ),
        migrations.AddIndex(
            model_name='progressupdate',
            index=models.Index(fields=['state', '-id'], name='update_by_state'),
        ),
        migrations.AddIndex(
            model_name='progressupdate',
            index=models.Index(fields=['external_ref'], name='update_by_external_ref'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'returned', 'discarded', 'published', 'superseded', 'retracted'])), name='update_state_known'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.CheckConstraint(condition=models.Q(('date_precision__in', ['day', 'month', 'year'])), name='update_date_precision_known'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.CheckConstraint(condition=models.Q(('status__isnull', True), ('status__in', ['not_started', 'started', 'substantial', 'completed', 'stalled', 'not_achieved', 'active', 'partly_active', 'inactive', 'contrary', 'no_evidence', 'not_verifiable', 'withdrawn']), _connector='OR'), name='update_status_known'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.CheckConstraint(condition=models.Q(('event_type__isnull', True), ('event_type__in', ['statement', 'participation', 'contribution', 'instrument', 'outcome', 'contrary', 'context']), _connector='OR'), name='update_event_type_known'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('published', 'superseded', 'retracted')), _negated=True), ('status__isnull', False), ('event_type__isnull', False), _connector='OR'), name='update_published_as_event_or_assessment'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.CheckConstraint(condition=models.Q(('covers_from__isnull', True), models.Q(('covers_from__lte', models.F('effective_on')), ('status__isnull', False)), _connector='OR'), name='update_period_in_order'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.CheckConstraint(condition=models.Q(('publisher__isnull', True), models.Q(('publisher', models.F('author')), _negated=True), _connector='OR'), name='update_author_is_not_publisher'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', False), ('published_on__isnull', False), ('publisher__isnull', False), ('state__in', ('published', 'superseded', 'retracted'))), models.Q(models.Q(('state__in', ('published', 'superseded', 'retracted')), _negated=True), ('published_at__isnull', True), ('published_on__isnull', True), ('publisher__isnull', True)), _connector='OR'), name='update_published_by_someone_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.CheckConstraint(condition=models.Q(('published_on__isnull', True), ('effective_on__lte', models.F('published_on')), _connector='OR'), name='update_not_effective_after_publication'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'superseded'), ('superseded_at__isnull', False)), ('state', 'retracted'), models.Q(models.Q(('state__in', ('superseded', 'retracted')), _negated=True), ('superseded_at__isnull', True)), _connector='OR'), name='update_superseded_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('retracted_at__isnull', False), ('state', 'retracted')), models.Q(models.Q(('state', 'retracted'), _negated=True), ('retracted_at__isnull', True)), _connector='OR'), name='update_retracted_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.UniqueConstraint(condition=models.Q(('published_at__isnull', False)), fields=('corrects',), name='update_corrected_once'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.UniqueConstraint(fields=('author', 'commitment', 'request_key'), name='update_made_once'),
        ),
        migrations.AddConstraint(
            model_name='progressupdate',
            constraint=models.CheckConstraint(condition=models.Q(('external_ref__isnull', True), models.Q(('external_ref', ''), _negated=True), _connector='OR'), name='update_external_ref_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.UniqueConstraint(fields=('update', 'criterion'), name='finding_once'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('result__in', ['shown', 'in_part', 'not_shown', 'against'])), name='finding_result_known'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['update', 'seq'], name='decision_of_update'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['submit', 'recall', 'discard', 'rate', 'return', 'publish', 'supersede', 'retract', 'archive', 'reassign', 'prepare', 'load', 'amend', 'edit', 'confirm_time', 'erase', 'account'])), name='decision_action_known'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('seq__gte', 1)), name='decision_seq_from_one'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('action', 'edit'), ('subject_type__in', ['plan', 'goal', 'area', 'commitment', 'forum', 'office', 'publisher'])), models.Q(('action__in', ('confirm_time', 'account')), ('plan__isnull', True), ('subject_type', '')), models.Q(('action', 'erase'), ('subject_type__in', ['', 'plan', 'goal', 'area', 'commitment', 'forum', 'office', 'publisher'])), models.Q(models.Q(('action__in', ('edit', 'confirm_time', 'account', 'erase')), _negated=True), ('plan__isnull', False), ('subject_type', '')), _connector='OR'), name='decision_edit_has_its_subject'),
        ),
        migrations.AddConstraint(
            model_name='basis',
            constraint=models.UniqueConstraint(fields=('update', 'event'), name='basis_once'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('url', ''), _negated=True), ('citation', ''), ('file', '')), models.Q(models.Q(('file', ''), _negated=True), ('citation', ''), ('url', '')), models.Q(models.Q(('citation', ''), _negated=True), ('file', ''), ('url', '')), models.Q(('citation', ''), ('file', ''), ('is_erased', True), ('url', '')), _connector='OR'), name='evidence_is_link_file_or_citation'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('title__startswith', '{"'), ('is_erased', True), _connector='OR'), name='evidence_title_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['resolution', 'declaration', 'agreement', 'law', 'meeting_record', 'report', 'statement', 'news'])), name='evidence_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['statement', 'official', 'independent'])), name='evidence_source_known'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('file', ''), ('file_sha256', '')), models.Q(models.Q(models.Q(('file', ''), _negated=True), ('is_erased', True), _connector='OR'), models.Q(('file_sha256', ''), _negated=True), ('file_size__isnull', False)), _connector='OR'), name='evidence_file_has_its_digest'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.UniqueConstraint(condition=models.Q(('file_sha256', ''), _negated=True), fields=('update', 'file_sha256'), name='evidence_file_once_per_update'),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.UniqueConstraint(fields=('update', 'rater', 'basis_sha256'), name='rating_once_of_the_same'),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.CheckConstraint(condition=models.Q(('rater', models.F('author')), _negated=True), name='rating_not_by_the_author'),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.CheckConstraint(condition=models.Q(('assessed_status__in', ['not_started', 'started', 'substantial', 'completed', 'stalled', 'not_achieved', 'active', 'partly_active', 'inactive', 'contrary', 'no_evidence', 'not_verifiable', 'withdrawn']), ('status__in', ['not_started', 'started', 'substantial', 'completed', 'stalled', 'not_achieved', 'active', 'partly_active', 'inactive', 'contrary', 'no_evidence', 'not_verifiable', 'withdrawn'])), name='rating_statuses_known'),
        ),
        migrations.AddIndex(
            model_name='recordedcontent',
            index=models.Index(fields=['subject_type', 'subject_key', 'id'], name='content_of_subject'),
        ),
        migrations.AddConstraint(
            model_name='recordedcontent',
            constraint=models.UniqueConstraint(fields=('decision', 'subject_type', 'subject_key'), name='content_once_per_decision'),
        ),
        migrations.AddConstraint(
            model_name='recordedcontent',
            constraint=models.CheckConstraint(condition=models.Q(('subject_type__in', ['plan', 'goal', 'area', 'commitment', 'forum', 'office', 'publisher'])), name='content_type_known'),
        ),
        migrations.AddConstraint(
            model_name='erasurerequest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'confirmed', 'done', 'declined', 'recalled'])), name='erasurerequest_state_known'),
        ),
        migrations.AddConstraint(
            model_name='erasurerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='erasurerequest_answered_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='erasurerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decision__isnull', False), ('state__in', ('confirmed', 'done'))), models.Q(models.Q(('state__in', ('confirmed', 'done')), _negated=True), ('decision__isnull', True)), _connector='OR'), name='erasurerequest_done_by_a_decision'),
        ),
        migrations.AddConstraint(
            model_name='erasurerequest',
            constraint=models.CheckConstraint(condition=models.Q(('closed_by', models.F('asked_by')), ('state', 'confirmed'), _negated=True), name='erasurerequest_confirmed_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='erasurerequest',
            constraint=models.CheckConstraint(condition=models.Q(('asked_by__isnull', False), models.Q(('closed_by__isnull', False), ('state', 'open'), _connector='OR')), name='erasurerequest_decided_by_persons'),
        ),
        migrations.AddConstraint(
            model_name='erasurerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('content__isnull', True), ('note_of__isnull', True), ('update__isnull', False)), models.Q(('content__isnull', True), ('note_of__isnull', False), ('update__isnull', True)), models.Q(('content__isnull', False), ('note_of__isnull', True), ('update__isnull', True)), _connector='OR'), name='erasure_of_one_thing'),
        ),
        migrations.AddIndex(
            model_name='reportcall',
            index=models.Index(fields=['plan', '-id'], name='report_call_latest'),
        ),
        migrations.AddConstraint(
            model_name='reportcall',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_reason', ''), ('withdrawn_at__isnull', True), ('withdrawn_by__isnull', True)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='report_call_withdrawn_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='serviceaccount',
            constraint=models.CheckConstraint(condition=models.Q(('owner', models.F('user')), _negated=True), name='serviceaccount_is_not_its_owner'),
        ),
        migrations.AddConstraint(
            model_name='snapshot',
            constraint=models.UniqueConstraint(fields=('plan', 'quarter'), name='snapshot_once_per_quarter'),
        ),
        migrations.AddConstraint(
            model_name='snapshot',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('content__isnull', False), ('withdrawn_by__isnull', True)), models.Q(('content__isnull', True), ('withdrawn_by__isnull', False)), _connector='OR'), name='snapshot_has_content_unless_withdrawn'),
        ),
        migrations.AddConstraint(
            model_name='snapshot',
            constraint=models.CheckConstraint(condition=models.Q(('made_at__gt', models.F('known_at'))), name='snapshot_after_its_quarter'),
        ),
        migrations.AddConstraint(
            model_name='strategicgoal',
            constraint=models.UniqueConstraint(fields=('plan', 'number'), name='goal_number_unique_in_plan'),
        ),
        migrations.AddConstraint(
            model_name='strategicgoal',
            constraint=models.CheckConstraint(condition=models.Q(('title__startswith', '{"')), name='goal_title_not_empty'),
        ),
        migrations.AddIndex(
            model_name='commitment',
            index=models.Index(fields=['plan', 'position'], name='commitment_in_plan_order'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.UniqueConstraint(fields=('plan', 'number'), name='commitment_number_unique_in_plan'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['deliverable', 'standing'])), name='commitment_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'unassessed'), models.Q(('kind', 'deliverable'), ('status__in', ['not_started', 'started', 'substantial', 'completed', 'stalled', 'not_achieved', 'no_evidence', 'not_verifiable', 'withdrawn'])), models.Q(('kind', 'standing'), ('status__in', ['active', 'partly_active', 'inactive', 'contrary', 'no_evidence', 'not_verifiable', 'withdrawn'])), _connector='OR'), name='commitment_status_fits_kind'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'unassessed'), ('status_update__isnull', True)), models.Q(models.Q(('status', 'unassessed'), _negated=True), ('status_update__isnull', False)), _connector='OR'), name='commitment_status_has_its_update'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__isnull', True), ('kind', 'deliverable'), _connector='OR'), name='commitment_due_only_if_deliverable', violation_error_message='Only a deliverable can have a due date.'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__isnull', True), ('start_on__isnull', True), ('due_on__gte', models.F('start_on')), _connector='OR'), name='commitment_due_not_before_start', violation_error_message='The due date is before the start date.'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('kind', 'standing'), _connector='OR'), name='commitment_ends_only_if_standing', violation_error_message='Only a standing duty can have an end date.'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('start_on__isnull', True), ('ends_on__gte', models.F('start_on')), _connector='OR'), name='commitment_end_not_before_start', violation_error_message='The end date is before the start date.'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', datetime.date(1000, 1, 1)), _connector='OR'), name='commitment_end_not_too_early', violation_error_message='The end date is too early.'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(('title__startswith', '{"')), name='commitment_title_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(('text__startswith', '{"')), name='commitment_text_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='webhooksubscriber',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['active', 'paused', 'stopped', 'gone'])), name='webhooksubscriber_state_known'),
        ),
        migrations.AddConstraint(
            model_name='webhooksubscriber',
            constraint=models.CheckConstraint(condition=models.Q(('secret', ''), _negated=True), name='webhooksubscriber_has_a_secret'),
        ),
        migrations.AddConstraint(
            model_name='webhooksubscriber',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('former_secret', ''), ('former_secret_until__isnull', True)), models.Q(models.Q(('former_secret', ''), _negated=True), ('former_secret_until__isnull', False)), _connector='OR'), name='webhooksubscriber_former_secret_ends'),
        ),
        migrations.AddIndex(
            model_name='webhookattempt',
            index=models.Index(fields=['subscriber', '-id'], name='webhookattempt_log'),
        ),
        migrations.AddIndex(
            model_name='webhookattempt',
            index=models.Index(fields=['at'], name='webhookattempt_age'),
        ),
        migrations.AddConstraint(
            model_name='webhookattempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('error', ''), ('status__isnull', False)), models.Q(('status__isnull', True), models.Q(('error', ''), _negated=True)), _connector='OR'), name='webhookattempt_answered_or_not'),
        ),
        migrations.AddIndex(
            model_name='mail',
            index=models.Index(fields=['state', 'due_at'], name='mail_due'),
        ),
        migrations.AddConstraint(
            model_name='mail',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['invitation', 'password', 'new_password', 'returned', 'published', 'corrected', 'withdrawn', 'call_made', 'call_ahead', 'call_over', 'call_withdrawn', 'meeting_ahead', 'meeting_changed', 'meeting_over', 'webhook_stopped', 'digest', 'confirmation', 'changes'])), name='mail_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='mail',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'held', 'sent', 'dropped', 'failed'])), name='mail_state_known'),
        ),
        migrations.AddConstraint(
            model_name='mail',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('address', ''), ('follower__isnull', True), ('person__isnull', False)), models.Q(('address', ''), ('follower__isnull', False), ('person__isnull', True)), models.Q(('follower__isnull', True), ('person__isnull', True), models.Q(models.Q(('address', ''), _negated=True), models.Q(('state__in', ['waiting', 'held']), _negated=True), _connector='OR')), _connector='OR'), name='mail_to_one_reader'),
        ),
        migrations.AddConstraint(
            model_name='mail',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state__in', ['waiting', 'held'])), models.Q(models.Q(('state__in', ['waiting', 'held']), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='mail_ended_at_a_time'),
        ),
    ]
